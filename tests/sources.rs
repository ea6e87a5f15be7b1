//! Checks of the sources: every audit event is recorded somewhere, no code is written in the
//! program, and every decision is in the list at the top of its document.

use std::{error::Error, fs, path::Path};

use shop::audit::Event;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The sources below a folder, without tests.
fn running(folder: &str) -> Result<String> {
    let mut text = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                if path.ends_with("tests.rs") {
                    continue;
                }
                let source = fs::read_to_string(&path)?;
                text.push_str(source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
            }
        }
    }
    Ok(text)
}

#[test]
fn so22_every_audit_event_is_recorded_somewhere() -> Result<()> {
    let text = running("src")? + &running("crates/shop/src")? + &running("crates/web/src")?;
    let silent: Vec<_> =
        Event::ALL.iter().filter(|event| !text.contains(&format!("Event::{event:?}"))).collect();
    assert!(silent.is_empty(), "{silent:?} are never recorded");
    Ok(())
}

/// `whatsapp` and `emulators` are left out: their error numbers have six digits too.
#[test]
fn x30_the_program_contains_no_code() -> Result<()> {
    let crates = ["domain", "store", "shop", "payment", "pages", "web", "browser"];
    let mut text = running("src")?;
    for name in crates {
        text.push_str(&running(&format!("crates/{name}/src"))?);
    }
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let codes: Vec<_> = text.split('"').filter(is_code).collect();
    assert!(codes.is_empty(), "{codes:?}");
    Ok(())
}

#[test]
fn every_decision_is_listed_at_the_top_of_its_document() -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/DECISIONS.md");
    let text = fs::read_to_string(file)?;
    let headings = text.lines().filter_map(|line| line.strip_prefix("### "));
    let anchor = |heading: &str| {
        let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
        heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
    };
    let missing: Vec<_> =
        headings.filter(|heading| !text.contains(&format!("](#{})", anchor(heading)))).collect();
    assert!(text.contains("\n### ") && missing.is_empty(), "not in the list: {missing:?}");
    Ok(())
}
