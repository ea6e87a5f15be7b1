//! Two builds beside each other, page after page.

use super::{number, print};
use crate::{builds, program::Result};

#[test]
#[ignore = "make chaos SCENARIO=builds: it lasts minutes"]
fn two_builds_answer_for_all_files_of_each_other() -> Result {
    let pages = usize::try_from(number("MARIGOLD_CHAOS_PAGES", 500))?;
    let folder = tempfile::tempdir()?;
    let [(_old_place, old), (_new_place, new)] = builds::start_mixed(folder.path())?;
    let right = builds::load_mixed([old.addresses()?[0], new.addresses()?[0]], pages)?;
    print(
        "builds",
        &format!("{pages} pages of two builds, {right} files from the other node, 0 wrong"),
    );
    Ok(())
}
