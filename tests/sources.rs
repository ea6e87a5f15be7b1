//! What only the sources can show: that everything that may be written down is written
//! down by somebody, and that no code stands there.

use std::{error::Error, fs, path::Path};

use shop::audit::Event;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The sources below a folder as they run: without tests.
fn running(folder: &str) -> Result<String> {
    let mut text = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path)?;
                text.push_str(source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
            }
        }
    }
    Ok(text)
}

#[test]
fn so22_no_event_is_only_a_name() -> Result<()> {
    let text = running("src")? + &running("crates/shop/src")? + &running("crates/web/src")?;
    let silent: Vec<_> =
        Event::ALL.iter().filter(|event| !text.contains(&format!("Event::{event:?}"))).collect();
    assert!(silent.is_empty(), "nobody writes {silent:?} down");
    Ok(())
}

/// Providers' rooms are left out: they are full of error numbers of six digits.
#[test]
fn x30_no_code_stands_in_what_runs() -> Result<()> {
    let rooms = ["domain", "store", "shop", "payment", "web", "browser"];
    let mut text = running("src")?;
    for room in rooms {
        text.push_str(&running(&format!("crates/{room}/src"))?);
    }
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let codes: Vec<_> = text.split('"').filter(is_code).collect();
    assert!(codes.is_empty(), "{codes:?}");
    Ok(())
}
