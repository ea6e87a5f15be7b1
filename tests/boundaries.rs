//! Which way the doors open: who in the house may depend on whom, and which
//! room may use which library. docs/ARCHITECTURE.md says why.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Each room, and the rooms it may call.
const ROOMS: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("whatsapp", &["domain"]),
    ("payment", &["domain"]),
    ("shop", &["domain", "store", "whatsapp", "payment"]),
    ("web", &["domain", "shop"]),
    ("pages", &["domain", "shop", "web"]),
    ("browser", &["web"]),
    ("bundle", &[]),
    // It plays the providers, and must not know the couriers it is to test.
    ("emulators", &[]),
    ("eavesdropper", &[]),
    ("test-support", &["store"]),
    ("marigold", &["domain", "store", "whatsapp", "payment", "shop", "web", "pages"]),
];

/// Libraries that mark what a room is for, and the rooms that may use them.
const LIBRARIES: [(&str, &[&str]); 9] = [
    ("sqlx", &["store", "test-support"]),
    ("reqwest", &["whatsapp", "payment", "emulators"]),
    ("argon2", &["shop"]),
    ("hmac", &["shop", "whatsapp", "emulators"]),
    ("phonenumber", &["shop"]),
    ("rand", &["shop"]),
    ("axum", &["web", "pages", "marigold"]),
    ("tower-sessions", &["web", "marigold"]),
    ("leptos", &["web", "pages", "browser", "marigold"]),
];

/// The start of the server, which puts the rooms together.
const START: [&str; 3] = ["main.rs", "command", "config/providers.rs"];

/// What each member of the workspace depends on, tests apart.
fn dependencies() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let answer = cargo(&["metadata", "--no-deps", "--format-version", "1", "--locked"])?;
    let metadata: serde_json::Value = serde_json::from_str(&answer)?;
    let name = |of: &serde_json::Value| of["name"].as_str().unwrap_or_default().to_owned();
    let listed =
        |of: &serde_json::Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
    Ok(listed(&metadata, "packages")
        .iter()
        .map(|package| {
            let used = listed(package, "dependencies");
            (name(package), used.iter().filter(|one| one["kind"] != "dev").map(name).collect())
        })
        .collect())
}

/// What cargo answers, from the root of the workspace.
fn cargo(arguments: &[&str]) -> Result<String> {
    let answer = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into());
    }
    Ok(String::from_utf8(answer.stdout)?)
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

#[test]
fn a_room_calls_only_the_rooms_below_it() -> Result<()> {
    let rooms: BTreeMap<_, _> = ROOMS.into_iter().collect();
    for (room, used) in dependencies()? {
        let may = rooms.get(room.as_str()).ok_or(format!("{room}: say above whom it may call"))?;
        let called = used.iter().filter(|name| rooms.contains_key(name.as_str()));
        let wrong: Vec<_> = called.filter(|name| !may.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{room} may not depend on {wrong:?}");
    }
    Ok(())
}

#[test]
fn a_library_stays_in_the_rooms_it_was_taken_for() -> Result<()> {
    let rooms = dependencies()?;
    for (library, may) in LIBRARIES {
        let using = rooms.iter().filter(|(_, used)| used.contains(library)).map(|(room, _)| room);
        let wrong: Vec<_> = using.filter(|room| !may.contains(&room.as_str())).collect();
        assert!(wrong.is_empty(), "{library} is for {may:?}, not for {wrong:?}");
    }
    Ok(())
}

#[test]
fn the_browser_gets_nothing_of_the_server() -> Result<()> {
    let tree = cargo(&[
        "tree",
        "--locked",
        "--package",
        "browser",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{lib}",
    ])?;
    let compiled: BTreeSet<_> = tree.split_whitespace().collect();
    assert!(compiled.contains("web"), "nothing was read: {tree}");
    for server in ["tokio", "axum", "sqlx", "shop", "store", "whatsapp", "payment", "chrono"] {
        assert!(!compiled.contains(server), "{server} is compiled for the browser");
    }
    Ok(())
}

#[test]
fn only_the_start_of_the_server_names_the_rooms_behind_the_shop() -> Result<()> {
    let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&state)? {
        let inside = path.strip_prefix(&state)?;
        let is_start = START.iter().any(|start| inside.starts_with(start));
        if inside.starts_with("tests") || is_start {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        for room in ["store::", "payment::", "whatsapp::"] {
            let named = text.lines().any(|line| {
                line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                    .any(|word| word.starts_with(room))
            });
            assert!(!named, "{} names {room}: ask the shop instead", inside.display());
        }
    }
    Ok(())
}

#[test]
fn no_program_hashes_passwords_at_the_cheap_cost_of_the_tests() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut naming = Vec::new();
    for folder in ["src", "crates", "benches"] {
        for file in sources(&root.join(folder))? {
            let text = fs::read_to_string(&file)?;
            // What comes after this line of a file is compiled for its unit tests only.
            let program = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            if program.contains("CHEAP_FOR_TESTS") {
                naming.push(file.strip_prefix(root)?.to_string_lossy().into_owned());
            }
        }
    }
    naming.retain(|file| !file.split('/').any(|part| part == "tests"));
    assert_eq!(naming, ["crates/shop/src/passwords/cost.rs"]);
    Ok(())
}
