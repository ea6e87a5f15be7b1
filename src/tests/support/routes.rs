//! The routes that `src` makes by hand, read from its sources: a router does not tell
//! what it holds. Server functions and pages have registries of their own.

use std::{fs, path::Path};

/// One of them.
pub struct Route {
    /// Its address, as it was given to the router.
    pub path: String,
    /// Whether it takes anything but reading.
    pub takes_changes: bool,
}

/// All of them: a router is given each by `route`, on one line as rustfmt leaves it.
pub fn routes_by_hand() -> Vec<Route> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.extend(text.lines().filter_map(route));
            }
        }
    }
    assert!(found.len() > 8, "the sources were not understood");
    found
}

fn route(line: &str) -> Option<Route> {
    let (path, handler) = line.split_once(".route(")?.1.split_once(", ")?;
    let changing = ["post(", "put(", "patch(", "delete(", "any("];
    let takes_changes = changing.iter().any(|method| handler.contains(method));
    Some(Route { path: path.trim_matches('"').to_owned(), takes_changes })
}
