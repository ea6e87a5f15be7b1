//! The settings of the database.

use std::{ops::RangeInclusive, time::Duration};

use super::reader::SettingsReader;

/// The connections to a PostgreSQL server that may be set. One receives notifications, so two are
/// the fewest; more than a server usually takes are a mistake.
const POOL_SIZES: RangeInclusive<u32> = 2..=1_000;
/// The seconds that a request may wait for a connection. Its visitor waits as long.
const ACQUIRE_SECONDS: RangeInclusive<u64> = 1..=30;
/// The seconds that a statement may take.
const STATEMENT_SECONDS: RangeInclusive<u64> = 1..=600;
/// The parameters that the URL of a server may have. sqlx ignores others, and logs their values,
/// one of which may be a password under a misspelt name.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
/// The values of `sslmode`.
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Where the database is, and how it is connected to.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// An SQLite file, or a PostgreSQL server or its pooler.
    pub url: String,
    /// PostgreSQL itself, if `url` leads through a pooler in transaction mode.
    pub direct_url: Option<String>,
    /// The most connections to `url` on PostgreSQL.
    pub max_connections: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    /// How long a statement may take on PostgreSQL.
    pub statement_timeout: Duration,
}

/// Reads the settings of the database.
pub fn read(reader: &mut SettingsReader) -> Option<DatabaseSettings> {
    reader.begin_group("Database");
    let url = reader.read("DATABASE_URL", "sqlite:data/marigold.db", |text| {
        check_url(text).map(|()| text.to_owned())
    });
    let example = "postgres://USER:PASSWORD@HOST/NAME";
    let direct_url = reader.read_with_example("DATABASE_DIRECT_URL", "", example, |text| {
        match check_url(text) {
            _ if text.is_empty() => Ok(None),
            Ok(()) if text.starts_with("sqlite:") => Err("is not postgres://".to_owned()),
            checked => checked.map(|()| Some(text.to_owned())),
        }
    });
    let max_connections = reader.read("MARIGOLD_DATABASE_POOL", "16", |text| {
        let size = text.parse().ok().filter(|size| POOL_SIZES.contains(size));
        size.ok_or_else(|| {
            format!("is not a number from {} to {}", POOL_SIZES.start(), POOL_SIZES.end())
        })
    });
    let acquire = read_seconds(reader, "MARIGOLD_DATABASE_ACQUIRE_SECONDS", "3", ACQUIRE_SECONDS);
    let statement =
        read_seconds(reader, "MARIGOLD_DATABASE_STATEMENT_SECONDS", "10", STATEMENT_SECONDS);
    let (url, direct_url) = (url?, direct_url?);
    if direct_url.is_some() && url.starts_with("sqlite:") {
        let problem = "is only for a PostgreSQL server, and DATABASE_URL names an SQLite file";
        reader.refuse("DATABASE_DIRECT_URL", problem, "(not set)");
    }
    Some(DatabaseSettings {
        url,
        direct_url,
        max_connections: max_connections?,
        acquire_timeout: acquire?,
        statement_timeout: statement?,
    })
}

fn read_seconds(
    reader: &mut SettingsReader,
    name: &'static str,
    default: &str,
    bounds: RangeInclusive<u64>,
) -> Option<Duration> {
    reader.read(name, default, |text| {
        let seconds = text.parse().ok().filter(|seconds| bounds.contains(seconds));
        let seconds = seconds.map(Duration::from_secs);
        seconds.ok_or_else(|| {
            format!("is not a number of seconds from {} to {}", bounds.start(), bounds.end())
        })
    })
}

/// Checks the URL. The error does not repeat it, because it may hold a password.
fn check_url(text: &str) -> Result<(), String> {
    if let Some(rest) = text.strip_prefix("sqlite:") {
        return check_sqlite(rest).map_err(str::to_owned);
    }
    let rest = match text.split_once("://") {
        Some(("postgres" | "postgresql", rest)) => rest,
        _ => return Err("is neither sqlite: nor postgres://".to_owned()),
    };
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let (path, parameters) = path.split_once('?').unwrap_or((path, ""));
    if path.contains('@') {
        return Err("has a `/` before its `@`; in a user or password write %2F for /, %3F for ?, \
                    %23 for # and %40 for @"
            .to_owned());
    }
    check_parameters(parameters)
}

/// Checks the names of the parameters of a server's URL, and the mode of TLS. A value may be a
/// password, so the error repeats none.
fn check_parameters(parameters: &str) -> Result<(), String> {
    for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
        let is_known = PARAMETERS.contains(&&*name)
            || name.strip_prefix("options[").is_some_and(|rest| rest.ends_with(']'));
        if !is_known {
            return Err(format!("has an unknown parameter, {name}"));
        }
        let is_mode = matches!(&*name, "sslmode" | "ssl-mode");
        if is_mode && !SSL_MODES.iter().any(|mode| value.eq_ignore_ascii_case(mode)) {
            return Err(format!("has a parameter {name} that is none of {}", SSL_MODES.join(", ")));
        }
    }
    Ok(())
}

/// Checks what comes after `sqlite:`. The shop needs a file that it can write, and keeps: a database
/// in memory would lose the orders, and each connection would have another one.
fn check_sqlite(rest: &str) -> Result<(), &'static str> {
    let (file, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let file = file.strip_prefix("//").unwrap_or(file);
    let parameters: Vec<_> = form_urlencoded::parse(parameters.as_bytes()).collect();
    let has = |name: &str, values: &[&str]| {
        parameters.iter().any(|(key, value)| key == name && values.contains(&&**value))
    };
    if file.contains(":memory:") || has("mode", &["memory"]) {
        return Err("is a database in memory, which would lose everything when the shop stops");
    }
    if has("mode", &["ro"]) || has("immutable", &["1", "true"]) {
        return Err("opens the database for reading only");
    }
    if file.is_empty() || file.ends_with('/') {
        return Err("names no file");
    }
    if std::path::Path::new(file).is_dir() {
        return Err("names a folder; write the name of a file in it");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read_from(pairs: &[(&str, &str)]) -> Result<DatabaseSettings, Vec<String>> {
        let variables: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut reader = SettingsReader::new(variables.into());
        let settings = read(&mut reader);
        let errors =
            |errors: super::super::ConfigErrors| errors.0.iter().map(ToString::to_string).collect();
        reader.finish(|_| settings).map_err(errors)
    }

    #[test]
    fn a_direct_url_belongs_to_a_postgresql_server() {
        let server = ("DATABASE_URL", "postgres://pooler:6432/shop");
        let direct = "postgres://ada:hunter2@db/shop";
        let read = read_from(&[server, ("DATABASE_DIRECT_URL", direct)]).unwrap();
        assert_eq!(read.direct_url.as_deref(), Some(direct));
        assert_eq!(read_from(&[server]).unwrap().direct_url, None);
        for pairs in [
            vec![("DATABASE_DIRECT_URL", direct)],
            vec![("DATABASE_URL", "sqlite:a.db"), ("DATABASE_DIRECT_URL", direct)],
            vec![server, ("DATABASE_DIRECT_URL", "sqlite:a.db")],
            vec![server, ("DATABASE_DIRECT_URL", "mysql://ada:hunter2@db/shop")],
        ] {
            let errors = read_from(&pairs).unwrap_err().join(" ");
            assert!(errors.contains("DATABASE_DIRECT_URL"), "{errors}");
            assert!(!errors.contains("hunter2"), "{errors}");
        }
    }

    #[test]
    fn the_size_of_the_pool_has_bounds() {
        assert_eq!(read_from(&[]).unwrap().max_connections, 16);
        for (text, size) in [("2", Some(2)), ("5", Some(5)), ("1000", Some(1_000))] {
            let read = read_from(&[("MARIGOLD_DATABASE_POOL", text)]).ok();
            assert_eq!(read.map(|read| read.max_connections), size);
        }
        for text in ["0", "1", "1001", "-5", "5.0", "ten", "5 5", "0x10"] {
            let errors = read_from(&[("MARIGOLD_DATABASE_POOL", text)]).unwrap_err().join(" ");
            assert!(errors.contains("is not a number from 2 to 1000"), "{text}: {errors}");
        }
    }

    #[test]
    fn time_outs_have_bounds() {
        let read = read_from(&[]).unwrap();
        assert_eq!(read.acquire_timeout, Duration::from_secs(3));
        assert_eq!(read.statement_timeout, Duration::from_secs(10));
        let (acquire, statement) =
            ("MARIGOLD_DATABASE_ACQUIRE_SECONDS", "MARIGOLD_DATABASE_STATEMENT_SECONDS");
        for (name, text, is_accepted) in [
            (acquire, "1", true),
            (acquire, "30", true),
            (acquire, "0", false),
            (acquire, "31", false),
            (acquire, "2.5", false),
            (statement, "600", true),
            (statement, "0", false),
            (statement, "601", false),
            (statement, "10s", false),
            (statement, "-1", false),
        ] {
            let read = read_from(&[(name, text)]);
            assert_eq!(read.is_ok(), is_accepted, "{name}={text}");
        }
    }

    #[test]
    fn a_misspelt_parameter_of_a_server_is_named_without_its_value() {
        for (parameters, problem) in [
            ("passwd=hunter2", "an unknown parameter, passwd"),
            ("sslmode=verify-full&sslrootca=hunter2", "an unknown parameter, sslrootca"),
            ("SSLMODE=require", "an unknown parameter, SSLMODE"),
            ("statement_timeout=5s", "an unknown parameter, statement_timeout"),
            ("options[statement_timeout=5s", "an unknown parameter, options[statement_timeout"),
            ("connect_timeout=10", "an unknown parameter, connect_timeout"),
            ("sslmode=hunter2", "a parameter sslmode that is none of disable, allow"),
            ("ssl-mode=verify_full", "a parameter ssl-mode that is none of"),
            ("sslmode=", "a parameter sslmode that is none of"),
        ] {
            let said = check_url(&format!("postgres://db.example/shop?{parameters}")).unwrap_err();
            assert!(said.contains(problem) && !said.contains("hunter2"), "{said}");
        }
        for parameters in [
            "",
            "sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem",
            "sslmode=REQUIRE",
            "host=/run/postgresql&user=a@b&password=a?b",
            "options[statement_timeout]=5s",
            "options=-c%20geqo=off&application_name=shop",
        ] {
            let url = format!("postgres://db.example/shop?{parameters}");
            assert_eq!(check_url(&url), Ok(()), "{url}");
        }
    }

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

    #[test]
    fn an_sqlite_url_names_a_file_that_can_be_kept_and_written() {
        for (url, problem) in [
            ("sqlite::memory:", "in memory"),
            ("sqlite://:memory:", "in memory"),
            ("sqlite:shop.db?mode=memory", "in memory"),
            ("sqlite:file::memory:?cache=shared", "in memory"),
            ("sqlite:shop.db?mode=ro", "reading only"),
            ("sqlite:shop.db?cache=shared&immutable=1", "reading only"),
            ("sqlite:", "no file"),
            ("sqlite://", "no file"),
            ("sqlite:?mode=rwc", "no file"),
            ("sqlite:data/", "no file"),
            ("sqlite:src", "a folder"),
        ] {
            assert!(check_url(url).is_err_and(|said| said.contains(problem)), "{url}");
        }
        for url in ["sqlite:data/marigold.db", "sqlite:///srv/shop.db", "sqlite:shop.db?mode=rwc"] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }
}
