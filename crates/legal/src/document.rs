//! One legal page in one language.

use sha2::{Digest, Sha256};

use crate::{LegalKind, Placeholders, error::PageProblem, markdown};

/// The sentence with which every sample begins.
const SAMPLE_NOTICE: &str = "This page is a sample.";

/// A page as it is shown.
#[derive(Clone, Debug)]
pub struct LegalPage {
    kind: LegalKind,
    language: String,
    title: String,
    html: String,
    text: String,
    version: String,
}

impl LegalPage {
    /// Reads a page from Markdown.
    pub(crate) fn read(
        kind: LegalKind,
        language: &str,
        source: &str,
        placeholders: &Placeholders<'_>,
    ) -> Result<Self, PageProblem> {
        let source = source.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let text = fill_in(&source, placeholders)?;
        let rendered = markdown::render(&text)?;
        let digest = Sha256::digest(text.as_bytes());
        Ok(Self {
            kind,
            language: language.to_owned(),
            title: rendered.title,
            html: rendered.html,
            version: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            text,
        })
    }

    /// What the page is about.
    pub const fn kind(&self) -> LegalKind {
        self.kind
    }

    /// The tag of its language.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The page below its title, as HTML.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The whole page as Markdown, as it was filled in. It is what a consent refers to.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The version: the SHA-256 digest of the text, in hexadecimal.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What keeps this page from being the merchant's own.
    pub(crate) fn unfinished(&self) -> Option<PageProblem> {
        if self.text.contains(SAMPLE_NOTICE) {
            return Some(PageProblem::Sample);
        }
        let (_, rest) = self.text.split_once("[[")?;
        let (gap, _) = rest.split_once("]]")?;
        Some(PageProblem::Unfinished(gap.to_owned()))
    }
}

/// Replaces `{shop}` and `{contact}`.
fn fill_in(source: &str, placeholders: &Placeholders<'_>) -> Result<String, PageProblem> {
    let mut filled = String::with_capacity(source.len());
    for (number, line) in source.split_inclusive('\n').enumerate() {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            match name {
                "shop" => filled.push_str(&escaped(placeholders.shop_name)),
                "contact" => filled.push_str(&link(placeholders.contact)),
                _ => {
                    let name = name.to_owned();
                    return Err(PageProblem::Placeholder { name, line: number + 1 });
                }
            }
            rest = after;
        }
        filled.push_str(rest);
    }
    Ok(filled)
}

/// A link to the contact: an e-mail address or the address of a page.
fn link(contact: &str) -> String {
    let scheme = if contact.starts_with("https://") { "" } else { "mailto:" };
    format!("[{}](<{scheme}{contact}>)", escaped(contact))
}

/// A text that Markdown takes literally.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
