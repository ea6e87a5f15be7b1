//! The legal pages: terms, privacy, imprint, returns and contact.
//!
//! The merchant writes them as Markdown, one folder for each language
//! (`en/terms.md`, `de/terms.md`). They are read, checked and rendered once, at start. Without a
//! folder of the merchant's own, the samples in `legal/` are shown, which production refuses.

mod document;
mod error;
mod markdown;

use std::{collections::BTreeMap, fs, path::Path, str::FromStr as _};

use strum::{EnumString, IntoStaticStr, VariantArray};

pub use document::LegalPage;
pub use error::{Error, PageProblem};

/// The language that must be complete, and that is shown where a page has no other.
pub const FALLBACK_LANGUAGE: &str = "en";

/// The samples, in the order of [`LegalKind`].
const SAMPLES: [(LegalKind, &str); 5] = [
    (LegalKind::Terms, include_str!("../../../legal/en/terms.md")),
    (LegalKind::Privacy, include_str!("../../../legal/en/privacy.md")),
    (LegalKind::Imprint, include_str!("../../../legal/en/imprint.md")),
    (LegalKind::Returns, include_str!("../../../legal/en/returns.md")),
    (LegalKind::Contact, include_str!("../../../legal/en/contact.md")),
];

/// What a legal page is about. Its file is named after it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum LegalKind {
    /// The terms of sale.
    Terms,
    /// What happens to personal data (GDPR Art. 13).
    Privacy,
    /// Who runs the shop (Directive 2000/31/EC Art. 5).
    Imprint,
    /// The right of withdrawal and how goods are sent back (Directive 2011/83/EU Art. 6(1)(h)).
    Returns,
    /// How to reach the shop.
    Contact,
}

impl LegalKind {
    /// Every kind.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The word for files and rows.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::from_str(word).ok()
    }
}

/// What the texts may name with a placeholder.
#[derive(Clone, Debug)]
pub struct Placeholders<'p> {
    /// The name of the shop, for `{shop}`.
    pub shop_name: &'p str,
    /// An e-mail address or the address of a page, for `{contact}`.
    pub contact: &'p str,
}

/// Every legal page in every language that the merchant offers.
#[derive(Clone, Debug)]
pub struct LegalPages {
    pages: BTreeMap<(LegalKind, String), LegalPage>,
    are_samples: bool,
}

impl LegalPages {
    /// The samples.
    pub fn samples(placeholders: &Placeholders<'_>) -> Result<Self, Error> {
        let mut pages = BTreeMap::new();
        let mut problems = Vec::new();
        for (kind, text) in SAMPLES {
            let file = format!("{FALLBACK_LANGUAGE}/{}.md", kind.as_str());
            match LegalPage::read(kind, FALLBACK_LANGUAGE, text, placeholders) {
                Ok(page) => drop(pages.insert((kind, FALLBACK_LANGUAGE.to_owned()), page)),
                Err(problem) => problems.push((file, problem)),
            }
        }
        Self { pages, are_samples: true }.unless(problems)
    }

    /// The pages in a folder. Every page must exist in English; in other languages, a page that
    /// is missing is shown in English.
    pub fn read(folder: &Path, placeholders: &Placeholders<'_>) -> Result<Self, Error> {
        let mut pages = BTreeMap::new();
        let mut problems = Vec::new();
        for language in languages(folder)? {
            for kind in LegalKind::ALL {
                let file = format!("{language}/{}.md", kind.as_str());
                let text = match fs::read_to_string(folder.join(&file)) {
                    Ok(text) => text,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(error) => {
                        problems.push((file, PageProblem::Unreadable(error.to_string())));
                        continue;
                    }
                };
                match LegalPage::read(*kind, &language, &text, placeholders) {
                    Ok(page) => drop(pages.insert((*kind, language.clone()), page)),
                    Err(problem) => problems.push((file, problem)),
                }
            }
        }
        for kind in LegalKind::ALL {
            let file = format!("{FALLBACK_LANGUAGE}/{}.md", kind.as_str());
            let is_known = pages.contains_key(&(*kind, FALLBACK_LANGUAGE.to_owned()));
            if !is_known && !problems.iter().any(|(name, _)| *name == file) {
                problems.push((file, PageProblem::Missing));
            }
        }
        Self { pages, are_samples: false }.unless(problems)
    }

    fn unless(self, problems: Vec<(String, PageProblem)>) -> Result<Self, Error> {
        if problems.is_empty() { Ok(self) } else { Err(Error::Pages(problems)) }
    }

    /// The page of this kind in the language with this tag, or else in English.
    pub fn page(&self, kind: LegalKind, language: &str) -> Option<&LegalPage> {
        let of = |language: &str| self.pages.get(&(kind, language.to_owned()));
        of(language).or_else(|| of(FALLBACK_LANGUAGE))
    }

    /// Every page.
    pub fn all(&self) -> impl Iterator<Item = &LegalPage> {
        self.pages.values()
    }

    /// Refuses pages with which no shop may sell: the samples, and pages in which something of
    /// the samples is left to fill in.
    pub fn check_for_sale(&self) -> Result<(), Error> {
        if self.are_samples {
            return Err(Error::Samples);
        }
        let unfinished = self.pages.values().filter_map(|page| {
            let file = format!("{}/{}.md", page.language(), page.kind().as_str());
            page.unfinished().map(|problem| (file, problem))
        });
        let problems: Vec<_> = unfinished.collect();
        if problems.is_empty() { Ok(()) } else { Err(Error::Pages(problems)) }
    }
}

/// The folders of languages: their names are language tags such as `de` or `pt-BR`.
fn languages(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |error: std::io::Error| Error::Folder(error.to_string());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_tag = (2..=12).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        if is_tag && entry.path().is_dir() {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
