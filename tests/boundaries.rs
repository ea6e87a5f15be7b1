//! The boundaries of the architecture: which crate may depend on which, and which crate may
//! use which library. docs/ARCHITECTURE.md gives the reasons.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Each crate of the workspace, and those on which it may depend.
const CRATES: [(&str, &[&str]); 17] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("whatsapp", &["domain"]),
    ("payment", &["domain"]),
    ("email", &["domain"]),
    ("invoice", &[]),
    ("legal", &[]),
    ("shop", &["domain", "store", "whatsapp", "payment", "email", "legal"]),
    ("text", &["domain"]),
    ("web", &["domain", "shop", "text"]),
    ("pages", &["domain", "invoice", "shop", "text", "web"]),
    ("browser", &["web"]),
    ("bundle", &[]),
    // The emulators test the providers' modules, so they must share no code with them.
    ("emulators", &[]),
    ("test-support", &["store"]),
    (
        "test-shop",
        &["domain", "store", "whatsapp", "payment", "email", "legal", "shop", "test-support"],
    ),
    (
        "marigold",
        &[
            "domain", "store", "whatsapp", "payment", "email", "legal", "shop", "text", "web",
            "pages",
        ],
    ),
];

/// Libraries that belong to one task, and the crates that may use them.
const LIBRARIES: [(&str, &[&str]); 12] = [
    ("sqlx", &["store", "test-support"]),
    ("reqwest", &["whatsapp", "payment", "emulators"]),
    ("lettre", &["email"]),
    ("krilla", &["invoice"]),
    ("pulldown-cmark", &["legal"]),
    ("argon2", &["shop"]),
    ("hmac", &["shop", "whatsapp", "payment", "emulators"]),
    ("phonenumber", &["shop"]),
    ("rand", &["shop"]),
    ("axum", &["web", "pages", "marigold"]),
    ("tower-sessions", &["web", "marigold"]),
    ("leptos", &["web", "pages", "browser", "marigold"]),
];

/// The files of the server that build the application, and so may name every crate.
const COMPOSITION_ROOT: [&str; 7] = [
    "main.rs",
    "command",
    "config/gateways.rs",
    "config/mail.rs",
    "config/paid_outside.rs",
    "config/providers.rs",
    "config/stripe.rs",
];

/// The dependencies of each member of the workspace, without those of its tests.
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

/// The output of cargo at the root of the workspace.
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
fn a_crate_depends_only_on_the_crates_below_it() -> Result<()> {
    let crates: BTreeMap<_, _> = CRATES.into_iter().collect();
    for (name, used) in dependencies()? {
        let may = crates
            .get(name.as_str())
            .ok_or(format!("{name}: add above on which crates it may depend"))?;
        let own = used.iter().filter(|used| crates.contains_key(used.as_str()));
        let wrong: Vec<_> = own.filter(|used| !may.contains(&used.as_str())).collect();
        assert!(wrong.is_empty(), "{name} may not depend on {wrong:?}");
    }
    Ok(())
}

#[test]
fn a_library_is_used_only_by_the_crates_it_is_for() -> Result<()> {
    let crates = dependencies()?;
    for (library, may) in LIBRARIES {
        let using = crates.iter().filter(|(_, used)| used.contains(library)).map(|(name, _)| name);
        let wrong: Vec<_> = using.filter(|name| !may.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{library} is for {may:?}, not for {wrong:?}");
    }
    Ok(())
}

#[test]
fn nothing_of_the_server_is_compiled_for_the_browser() -> Result<()> {
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
    for server in
        ["tokio", "axum", "sqlx", "shop", "text", "store", "whatsapp", "payment", "chrono"]
    {
        assert!(!compiled.contains(server), "{server} is compiled for the browser");
    }
    Ok(())
}

#[test]
fn only_the_composition_root_names_store_payment_email_and_whatsapp() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&root)? {
        let inside = path.strip_prefix(&root)?;
        let is_root = COMPOSITION_ROOT.iter().any(|part| inside.starts_with(part));
        if inside.starts_with("tests") || is_root {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        for prefix in ["store::", "payment::", "whatsapp::", "email::"] {
            let named = text.lines().any(|line| {
                line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                    .any(|word| word.starts_with(prefix))
            });
            assert!(!named, "{} names {prefix}: ask the shop instead", inside.display());
        }
    }
    Ok(())
}

#[test]
fn the_cheap_cost_of_hashing_is_for_tests_only() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut naming = Vec::new();
    for folder in ["src", "crates", "benches"] {
        for file in sources(&root.join(folder))? {
            let text = fs::read_to_string(&file)?;
            // The rest of the file is compiled for its unit tests only.
            let program = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            if program.contains("CHEAP_FOR_TESTS") {
                naming.push(file.strip_prefix(root)?.to_string_lossy().into_owned());
            }
        }
    }
    naming.retain(|file| !file.split('/').any(|part| part == "tests" || part == "test-shop"));
    assert_eq!(naming, ["crates/shop/src/passwords/cost.rs"]);
    Ok(())
}

/// `Shop` gives access to every use case. A module that takes the whole shop could use all of
/// them, and its fields would not say which. So `app` alone composes and extends it. The variant
/// `Actor::Shop` is another thing: it says who did something.
#[test]
fn a_use_case_names_its_parts_and_not_the_shop() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/shop/src");
    let may = |inside: &Path| {
        let is_app = inside == Path::new("app.rs") || inside.starts_with("app");
        // The root of the crate lists and exports the modules.
        is_app || inside == Path::new("lib.rs")
    };
    let (mut read, mut naming) = (0, Vec::new());
    for file in sources(&root)? {
        let inside = file.strip_prefix(&root)?;
        if may(inside) {
            continue;
        }
        read += 1;
        let text = fs::read_to_string(&file)?;
        let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let names_shop = |line: &str| {
            // Every other part of a line is the text of a string.
            let line = line.replace("Actor::Shop", "Actor");
            let outside_strings = line.split('"').step_by(2);
            let mut words = outside_strings
                .flat_map(|part| part.split(|c: char| !(c.is_alphanumeric() || c == '_')));
            words.any(|word| word == "Shop" || word == "app")
        };
        if code.any(names_shop) {
            naming.push(inside.to_string_lossy().into_owned());
        }
    }
    assert!(read > 50, "{read} modules were read");
    assert!(naming.is_empty(), "{naming:?} hold the shop: take its parts as fields instead");
    Ok(())
}
