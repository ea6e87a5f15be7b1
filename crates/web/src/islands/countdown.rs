//! A text that counts down in the browser, which knows no plural rules: the server writes it
//! down for every count, and numbers that differ in nothing but their digits share an entry.

use serde::{Deserialize, Serialize};

/// Stands for the count.
const COUNT: &str = "\u{fffc}";

/// The text for each count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Countdown(Vec<(u32, String)>);

impl Countdown {
    /// Asks `words` for the text of every count from 0 to `max`. A greater count has the
    /// text of `max`.
    pub fn new(max: u32, words: impl Fn(u32) -> String) -> Self {
        let mut runs: Vec<(u32, String)> = Vec::new();
        for count in 0..=max {
            let text = words(count).replace(&count.to_string(), COUNT);
            if runs.last().is_none_or(|(_, last)| *last != text) {
                runs.push((count, text));
            }
        }
        Self(runs)
    }

    /// The text of a count.
    pub fn at(&self, count: u32) -> String {
        let run = self.0.iter().rev().find(|(from, _)| *from <= count);
        run.map(|(_, text)| text.replace(COUNT, &count.to_string())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countdown_reads_as_the_server_wrote_it_and_stays_small() {
        let words = |count| match count {
            0 => String::new(),
            1 => "1 second".to_owned(),
            _ => format!("{count} seconds"),
        };
        let countdown = Countdown::new(30, words);
        for count in 0..=45 {
            assert_eq!(countdown.at(count), words(count));
        }
        assert_eq!(countdown.0.len(), 3);
    }
}
