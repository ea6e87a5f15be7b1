//! Spans of time as people say them.

use crate::{Text, message};

impl Text {
    /// A span, rounded up, so that waiting that long is enough.
    pub fn span(&self, seconds: u32) -> String {
        match seconds {
            0..=119 => message!(self, "span-seconds", count = seconds),
            120..=7199 => message!(self, "span-minutes", count = seconds.div_ceil(60)),
            _ => message!(self, "span-hours", count = seconds.div_ceil(3600)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_round_up_so_that_waiting_is_enough() {
        let text = Text::default();
        assert_eq!(text.span(1), "1 second");
        assert_eq!(text.span(61), "61 seconds");
        assert_eq!(text.span(121), "3 minutes");
        assert_eq!(text.span(7201), "3 hours");
    }
}
