//! The file `.env`, and the variables of the environment that take precedence over it. What cannot
//! be read whole is refused, so that no shop starts as a demo by mistake.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::Path,
    process::Command,
};

use crate::program::{Place, Result};

#[test]
fn a_line_of_the_env_file_that_cannot_be_read_is_refused() -> Result {
    let place = Place::new()?;
    fs::write(place.path(".env"), "MARIGOLD_SHOP_NAME=Ada & Sons\nMARIGOLD_ENV=production\n")?;
    let said = place.refusal()?;
    assert!(said.contains("the file .env cannot be read at line 1, MARIGOLD_SHOP_NAME"), "{said}");
    Ok(())
}

/// What an operator may have in place of a file `.env` that can be read: its name, how it is made,
/// and what is said of it.
type Unreadable = (&'static str, fn(&Path) -> io::Result<()>, &'static str);

fn unreadable_files() -> [Unreadable; 8] {
    [
        ("bad line", |file| fs::write(file, "A=B C\nMARIGOLD_ENV=production\n"), "line 1, A"),
        ("open quote", |file| fs::write(file, "B=1\nA='B\nMARIGOLD_ENV=production\n"), "line 2, A"),
        ("no equals sign", |file| fs::write(file, "MARIGOLD_ENV production\n"), "line 1"),
        ("not UTF-8", |file| fs::write(file, b"# \xff\nMARIGOLD_ENV=production\n"), "not UTF-8"),
        ("UTF-16", |file| fs::write(file, b"\xff\xfeM\0A\0"), "not UTF-8"),
        ("two values", |file| fs::write(file, "A=1\nA=2\n"), "has A twice"),
        ("folder", |file| fs::create_dir(file), "it is a folder"),
        ("link to nothing", |file| std::os::unix::fs::symlink("missing", file), "cannot be read"),
    ]
}

#[test]
fn an_env_file_that_cannot_be_read_whole_never_starts_a_demo() -> Result {
    for (what, make, problem) in unreadable_files() {
        let place = Place::new()?.on_free_ports();
        fs::remove_file(place.path(".env"))?;
        make(&place.path(".env"))?;
        let said = place.refusal()?;
        assert!(said.contains("the file .env") && said.contains(problem), "{what}: {said}");
        assert!(!place.path("data/marigold.db").exists(), "{what}");
        let ended = place.run(&["check-config"])?;
        assert!(!ended.status.success() && ended.stderr.contains(problem), "{what}");
    }
    Ok(())
}

#[test]
fn an_env_file_of_a_folder_above_is_read_and_named() -> Result {
    let place = Place::new()?.on_free_ports();
    let below = place.path("below");
    fs::create_dir(&below)?;
    fs::write(place.path(".env"), "MARIGOLD_SHOP_NAME=My Shop\n")?;
    let ended = place.command(&["check-config"]).current_dir(&below).output()?;
    let said = String::from_utf8(ended.stderr)?;
    let file = place.path(".env").display().to_string();
    assert!(said.contains(&file) && said.contains("line 1, MARIGOLD_SHOP_NAME"), "{said}");
    Ok(())
}

#[test]
fn a_setting_that_is_not_utf_8_never_starts_a_demo() -> Result {
    let place = Place::new()?.on_free_ports();
    let value = OsStr::from_bytes(b"production\xff");
    let output = place.command(&["serve"]).env("MARIGOLD_ENV", value).output()?;
    let said = String::from_utf8(output.stderr)?;
    assert!(!output.status.success() && said.contains("MARIGOLD_ENV is not UTF-8"), "{said}");
    Ok(())
}

#[test]
fn an_empty_variable_does_not_hide_that_of_the_env_file() -> Result {
    let place = Place::new()?.with("MARIGOLD_ENV", "");
    fs::write(place.path(".env"), "MARIGOLD_ENV=production\n")?;
    let said = place.refusal()?;
    assert!(said.contains("MARIGOLD_CONTACT is not set"), "it is production: {said}");
    Ok(())
}

/// Root may read every file, so the program runs as nobody here. Without `setpriv`, or where nobody
/// may not start it, nothing is tested.
#[test]
fn a_file_of_settings_without_read_rights_is_refused() -> Result {
    let place = Place::new()?.on_free_ports();
    fs::write(place.path(".env"), "MARIGOLD_ENV=production\n")?;
    let as_nobody = |arguments: &[&str]| {
        let mut command = place.command(&[]);
        let program = command.get_program().to_owned();
        command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        command.args(arguments).current_dir(place.path("")).env_clear();
        command.output()
    };
    fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755))?;
    if !as_nobody(&["--help"]).is_ok_and(|output| output.status.success()) {
        writeln!(std::io::stderr(), "skipped: the program cannot be started as nobody")?;
        return Ok(());
    }
    for mode in [0o600, 0o200, 0o000, 0o640] {
        fs::set_permissions(place.path(".env"), fs::Permissions::from_mode(mode))?;
        for command in ["serve", "check-config", "seed", "migrate"] {
            let output = as_nobody(&[command])?;
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{mode:o} {command}: {said}");
            assert!(said.contains("the file .env cannot be read"), "{mode:o} {command}: {said}");
            assert!(said.contains("Permission denied"), "{mode:o} {command}: {said}");
        }
    }
    Ok(())
}
