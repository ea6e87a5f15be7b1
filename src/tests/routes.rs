//! `web::routes` lists every address that the server answers and no other, and pages write no
//! address by hand.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use leptos_axum::generate_route_list;
use pages::App;

use super::support::{addresses, paths, routes_by_hand};

#[test]
fn every_server_function_is_listed_and_every_listed_one_exists() {
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions: BTreeSet<_> = functions.map(|(path, _)| path.to_owned()).collect();
    assert_eq!(functions, paths(|name| name.starts_with("api::")));
}

#[test]
fn every_page_is_listed_and_every_listed_one_exists() {
    let pages = generate_route_list(App);
    let pages: BTreeSet<_> = pages.iter().map(|page| page.path().to_owned()).collect();
    assert_eq!(pages, paths(|name| !name.contains("::")));
    assert_eq!(pages, web::routes::PAGES.map(str::to_owned).into());
}

#[test]
fn every_other_route_is_listed_and_every_listed_one_exists() {
    let routes = routes_by_hand().into_iter().map(|route| route.name);
    let listed = addresses().into_keys();
    let listed = listed.filter(|name| name.contains("::") && !name.starts_with("api::"));
    assert_eq!(routes.collect::<BTreeSet<_>>(), listed.collect());
}

#[test]
fn pages_and_server_functions_write_no_address_by_hand() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["crates/pages/src", "crates/web/src"].map(|name| root.join(name));
    let mut files = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        files.extend(sources(folder)?);
    }
    assert!(files.len() > 30, "only {} files were found", files.len());
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("routes.rs")) {
        let text = fs::read_to_string(file)?;
        let program = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let by_hand = program.lines().filter(|line| is_by_hand(line));
        found.extend(by_hand.map(|line| format!("{}: {}", file.display(), line.trim())));
    }
    assert!(found.is_empty(), "use `web::routes`: {found:#?}");
    Ok(())
}

/// Whether a line has an address as a literal. The router of the pages and the attribute of
/// server functions accept only literals, which other tests compare.
fn is_by_hand(line: &str) -> bool {
    let takes_literals = line.contains("path!(\"") || line.contains("#[server(");
    let is_address = |text: &str| text.starts_with(|letter: char| letter.is_ascii_lowercase());
    let has_address = line.split("\"/").skip(1).any(is_address);
    !takes_literals && (has_address || line.contains("=\"/"))
}

#[test]
fn an_address_by_hand_is_recognised() {
    for line in ["<a href=\"/cart\">", "<form action=\"/api/login\">", "let to = \"/cart\";"] {
        assert!(is_by_hand(line), "{line}");
    }
    for line in ["<a href=routes::CART>", "path!(\"/cart\")", "text.split('/')"] {
        assert!(!is_by_hand(line), "{line}");
    }
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}
