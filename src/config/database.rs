//! The setting of the database.

use super::reader::SettingsReader;

/// Reads the database's URL.
pub fn read_url(reader: &mut SettingsReader) -> Option<String> {
    reader.begin_group("Database");
    reader.read("DATABASE_URL", "sqlite:data/marigold.db", |text| {
        check_url(text).map(|()| text.to_owned()).map_err(str::to_owned)
    })
}

/// Checks the URL. The error does not repeat it, because it may hold a password.
fn check_url(text: &str) -> Result<(), &'static str> {
    if text.starts_with("sqlite:") {
        return Ok(());
    }
    let rest = match text.split_once("://") {
        Some(("postgres" | "postgresql", rest)) => rest,
        _ => return Err("is neither sqlite: nor postgres://"),
    };
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    match path.split('?').next() {
        Some(path) if path.contains('@') => Err(
            "has a `/` before its `@`; in a user or password write %2F for /, %3F for ?, %23 for # \
             and %40 for @",
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_kind_or_with_a_raw_slash_in_it_is_refused() {
        for url in [
            "mysql://ada:hunter2@db/shop",
            "postgres:ada:hunter2@db/shop",
            "postgres://ada:1/hunter2@db/shop",
        ] {
            let problem = check_url(url).unwrap_err();
            assert!(!problem.contains("hunter2"), "{problem}");
        }
        for url in ["sqlite:a@b.db", "postgres:///shop", "postgresql://ada:%2F@db/shop?user=a@b"] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }
}
