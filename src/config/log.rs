//! The settings of the log.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::reader::SettingsReader;

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Directives as `tracing_subscriber::EnvFilter` reads them.
    pub filter: String,
    /// No colours, not even on a terminal (<https://no-color.org>).
    pub is_colourless: bool,
}

/// Reads what is logged, and how.
pub fn read(reader: &mut SettingsReader) -> Option<LogSettings> {
    reader.begin_group("Log");
    let filter = reader.read("RUST_LOG", "info", parse);
    let is_colourless = reader.raw("NO_COLOR").is_some();
    Some(LogSettings { filter: filter?, is_colourless })
}

/// Parses a level, or a list such as `warn,marigold=debug`.
///
/// The library takes every word that is no level for the name of a module, of which it then logs
/// everything, and of all others nothing: with `inof`, the log would stay empty. So a module must
/// be given with its level.
fn parse(text: &str) -> Result<String, String> {
    const WRONG: &str = "is neither a level nor a list such as `warn,marigold=debug`";
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_level = |text: &str| text.parse::<LevelFilter>().is_ok() && !text.is_empty();
    let is_good = |item: &&str| match item.rsplit_once('=') {
        Some((module, level)) => {
            let is_word = |letter: char| !letter.is_whitespace();
            !module.is_empty() && module.chars().all(is_word) && is_level(level)
        }
        None => is_level(item),
    };
    let general = items.iter().filter(|item| !item.contains('=')).count();
    let directives = items.join(",");
    match items.iter().all(is_good) && EnvFilter::try_new(&directives).is_ok() {
        true if general > 1 => Err("has two levels for everything".into()),
        true => Ok(directives),
        false => Err(WRONG.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_that_would_log_something_else_is_refused() {
        for (text, filter) in [
            ("info", Some("info")),
            ("WARN", Some("WARN")),
            ("off", Some("off")),
            ("warn,marigold=debug", Some("warn,marigold=debug")),
            ("warn, marigold=debug", Some("warn,marigold=debug")),
            ("marigold::layers=trace", Some("marigold::layers=trace")),
            ("marigold[request]=debug", Some("marigold[request]=debug")),
            ("inof", None),
            ("loud", None),
            ("marigold", None),
            ("marigold=loud", None),
            ("marigold=", None),
            ("=debug", None),
            ("info,debug", None),
            ("info,", None),
            (",", None),
            ("info debug", None),
        ] {
            assert_eq!(parse(text).ok().as_deref(), filter, "{text}");
        }
    }
}
