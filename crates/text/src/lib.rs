//! Every text a visitor sees, by key and language, and how amounts, dates and spans of time
//! are written.
//!
//! The texts stand in Fluent files, `locales/LANGUAGE/AREA.ftl`, which a translator edits.
//! The server alone formats them; the islands in the browser are handed finished strings.
//! [`message!`] and [`message_parts!`] are the only ways to a text: they take the key as a
//! literal, so the tests of this crate can compare all keys and variables in the sources with
//! those in the files.

mod bundle;
mod colour;
mod date;
mod delivery;
mod language;
mod money;
mod parts;
mod refusal;
mod services;
mod span;
mod zone;

use std::{borrow::Cow, path::Path, sync::Arc};

use fluent_bundle::FluentArgs;
/// A variable of a message.
pub use fluent_bundle::FluentValue as Value;

use bundle::Bundle;
pub use language::{Direction, PageLanguage, page_language};
pub use parts::Part;
pub use zone::Zone;

/// The texts of one language, and the time zone in which they tell times.
#[derive(Clone)]
pub struct Text {
    language: PageLanguage,
    bundle: Arc<Bundle>,
    /// Where visitors can write to.
    contact: Arc<str>,
    zone: Zone,
}

impl Text {
    /// The texts that were compiled in.
    pub fn new(language: PageLanguage) -> Self {
        let bundle = bundle::compiled(language);
        Self { language, bundle, contact: Arc::default(), zone: Zone::UTC }
    }

    /// The same texts, which name this address where they ask visitors to write.
    pub fn with_contact(self, contact: Arc<str>) -> Self {
        Self { contact, ..self }
    }

    /// The texts as they stand in the files below `folder` now; those that were compiled in
    /// if a file cannot be used. `make watch` shows a changed text this way.
    pub fn read(language: PageLanguage, folder: &Path) -> Self {
        match Bundle::read(language, folder) {
            Ok(bundle) => Self { bundle: Arc::new(bundle), ..Self::new(language) },
            Err(error) => {
                tracing::warn!(event = "text.read_failed", %error, "The texts could not be read.");
                Self::new(language)
            }
        }
    }

    /// The same texts with the times of another zone than UTC.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// The e-mail address or the page by which visitors reach the people behind the shop.
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// The language of these texts.
    pub const fn language(&self) -> PageLanguage {
        self.language
    }

    /// The message of a key with its variables. Use [`message!`], which the tests check.
    #[doc(hidden)]
    pub fn format(&self, key: &str, variables: Vec<(&'static str, Value<'_>)>) -> String {
        let variables: FluentArgs<'_> = variables.into_iter().collect();
        match self.bundle.format(key, &variables) {
            Some(message) => self.mark(message).into_owned(),
            None => {
                tracing::error!(event = "text.key_missing", key, "A text has no such key.");
                key.to_owned()
            }
        }
    }

    /// In the pseudo-language, what comes out of this crate stands in brackets.
    fn mark<'t>(&self, text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
        let text = text.into();
        match self.language {
            PageLanguage::Pseudo | PageLanguage::PseudoRightToLeft => format!("⟦{text}⟧").into(),
            PageLanguage::English => text,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new(PageLanguage::default())
    }
}

/// A text by its key, with the variables of its message: `message!(text, "cart-each", price = price)`.
#[macro_export]
macro_rules! message {
    ($text:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $text.format($key, ::std::vec![$((stringify!($name), $crate::Value::from($value))),*])
    };
}

/// The same as [`message!`], in parts: see [`Part`].
#[macro_export]
macro_rules! message_parts {
    ($text:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $text.parts($key, ::std::vec![$((stringify!($name), $crate::Value::from($value))),*])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_their_variables_and_no_isolation_marks() {
        let text = Text::default();
        assert_eq!(message!(text, "layout-cart", count = 3), "Cart (items: 3)");
        assert_eq!(message!(text, "home-products", count = 1), "1 product");
        assert_eq!(message!(text, "home-products", count = 2), "2 products");
    }

    #[test]
    fn pseudo_language_marks_every_text() {
        let text = Text::new(PageLanguage::Pseudo);
        assert_eq!(message!(text, "layout-cart", count = 3), "⟦Cart (items: 3)⟧");
    }

    #[test]
    fn unknown_key_is_shown_as_it_is() {
        assert_eq!(Text::default().format("no-such-key", vec![]), "no-such-key");
    }
}
