//! How connections to a PostgreSQL server are made: what its URL says, where sqlx reads less into
//! it than libpq does, and the time limits that the server enforces.

use std::{fs, path::Path, time::Duration};

use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::{OpenError, Result, open_error::url_error};

/// The parameters of a URL that name a file in PEM format, in libpq's spelling, which sqlx writes.
const CERTIFICATES: [&str; 2] = ["sslrootcert", "sslcert"];

/// Reads a URL.
pub(crate) fn read(url: &str) -> Result<PgConnectOptions> {
    let options = url.parse::<PgConnectOptions>().map_err(url_error)?;
    // Nothing here is a floating-point number, and PgBouncer refuses clients that set the digits
    // of one.
    let options = without_brackets(options.extra_float_digits(None));
    check_certificates(&options)?;
    Ok(with_ssl_mode_of_libpq(options))
}

/// An IPv6 address is in brackets in a URL, and neither for the resolver nor in a certificate.
fn without_brackets(options: PgConnectOptions) -> PgConnectOptions {
    let host = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match host.map(str::to_owned) {
        Some(host) => options.host(&host),
        None => options,
    }
}

/// libpq verifies the certificate as soon as it is told an authority, and never encrypts a Unix
/// socket. sqlx documents the former and does not do it, and the server refuses the latter.
fn with_ssl_mode_of_libpq(options: PgConnectOptions) -> PgConnectOptions {
    if options.get_socket().is_some() || options.get_host().starts_with('/') {
        return options.ssl_mode(PgSslMode::Disable);
    }
    let is_unverified = matches!(options.get_ssl_mode(), PgSslMode::Require);
    let has_authority = parameter(&options, "sslrootcert").is_some();
    if is_unverified && has_authority { options.ssl_mode(PgSslMode::VerifyCa) } else { options }
}

/// Names a file of certificates that is missing or has none. sqlx would report a failed
/// connection, and would trust nobody.
fn check_certificates(options: &PgConnectOptions) -> Result<()> {
    for name in CERTIFICATES {
        let file = parameter(options, name);
        // Other values are certificates themselves.
        let Some(path) = file.as_deref().and_then(|value| value.strip_prefix("file: ")) else {
            continue;
        };
        let problem = match fs::read_to_string(Path::new(path)) {
            Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => continue,
            Ok(_) => "which has no certificate in PEM format".to_owned(),
            Err(error) => format!("which cannot be read: {error}"),
        };
        let reason = format!("{name} names the file {path}, {problem}");
        return Err(OpenError::Url { reason }.into());
    }
    Ok(())
}

/// A parameter of the URL or of the environment, such as `PGSSLROOTCERT`.
fn parameter(options: &PgConnectOptions, name: &str) -> Option<String> {
    // sqlx cannot write the address of an IPv6 host.
    let url = options.clone().host("localhost").to_url_lossy();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// Has the server end a statement that takes longer, and a transaction whose client fell silent
/// for as long: without that, its locks would be held until the server notices that the client
/// is gone, which takes hours. What the URL itself says takes precedence.
pub(crate) fn with_time_limit(options: PgConnectOptions, limit: Duration) -> PgConnectOptions {
    let given = options.get_options().unwrap_or_default().to_owned();
    let limit = format!("{}ms", limit.as_millis());
    let limits = ["statement_timeout", "idle_in_transaction_session_timeout"];
    let limits = limits.into_iter().filter(|name| !given.contains(name));
    options.options(limits.map(|name| (name, limit.as_str())))
}

/// Whether a pooler refused the time limits: PgBouncer knows none of these parameters of the
/// start of a connection ("protocol violation"), other poolers say "feature not supported".
pub(crate) fn is_time_limit_refused(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    matches!(error.code().as_deref(), Some("08P01" | "0A000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> PgSslMode {
        read(url).unwrap().get_ssl_mode()
    }

    #[test]
    fn an_authority_is_verified_and_a_socket_is_not_encrypted_as_in_libpq() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n").unwrap();
        let file = file.display().to_string();
        for (place, parameters, expected) in [
            ("db.example", String::new(), PgSslMode::Prefer),
            ("db.example", "?sslmode=disable".into(), PgSslMode::Disable),
            ("db.example", "?sslmode=require".into(), PgSslMode::Require),
            ("db.example", "?ssl-mode=REQUIRE".into(), PgSslMode::Require),
            ("db.example", format!("?sslmode=require&sslrootcert={file}"), PgSslMode::VerifyCa),
            ("db.example", format!("?ssl-root-cert={file}&sslmode=require"), PgSslMode::VerifyCa),
            ("db.example", format!("?sslmode=prefer&sslrootcert={file}"), PgSslMode::Prefer),
            ("db.example", format!("?sslmode=verify-full&ssl-ca={file}"), PgSslMode::VerifyFull),
            ("%2Frun%2Fpostgresql", "?sslmode=verify-full".into(), PgSslMode::Disable),
            ("", "?host=/run/postgresql&sslmode=require".into(), PgSslMode::Disable),
        ] {
            let url = format!("postgres://{place}/shop{parameters}");
            let (found, expected) = (format!("{:?}", mode(&url)), format!("{expected:?}"));
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "").unwrap();
        let missing = folder.path().join("missing.pem");
        for name in ["sslrootcert", "ssl-ca", "sslcert"] {
            for (file, problem) in [(&empty, "has no certificate"), (&missing, "cannot be read")] {
                let url = format!("postgres://db.example/shop?{name}={}", file.display());
                let said = read(&url).unwrap_err().to_string();
                assert!(said.contains(problem), "{said}");
                assert!(said.contains(&file.display().to_string()), "{said}");
            }
        }
    }

    #[test]
    fn an_ipv6_address_has_no_brackets() {
        assert_eq!(read("postgres://[2001:db8::1]:5433/shop").unwrap().get_host(), "2001:db8::1");
        assert_eq!(read("postgres://db.example/shop").unwrap().get_host(), "db.example");
    }

    #[test]
    fn time_limits_leave_those_of_the_url_as_they_are() {
        let limit = Duration::from_secs(10);
        let plain = with_time_limit(read("postgres://db.example/shop").unwrap(), limit);
        let expected =
            "-c statement_timeout=10000ms -c idle_in_transaction_session_timeout=10000ms";
        assert_eq!(plain.get_options(), Some(expected));
        let url = "postgres://db.example/shop?options[statement_timeout]=3s";
        let own = with_time_limit(read(url).unwrap(), limit);
        let expected = "-c statement_timeout=3s -c idle_in_transaction_session_timeout=10000ms";
        assert_eq!(own.get_options(), Some(expected));
    }
}
