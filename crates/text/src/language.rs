//! The languages of pages.

use domain::Language;

/// A language in which there are pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PageLanguage {
    /// English.
    #[default]
    English,
    /// English with every text in brackets (⟦…⟧), for tests: what stands outside of them was
    /// not taken from the files. No setting chooses it.
    Pseudo,
    /// The same, but written from right to left.
    PseudoRightToLeft,
}

/// The direction in which a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From left to right, as English.
    LeftToRight,
    /// From right to left, as Arabic.
    RightToLeft,
}

impl PageLanguage {
    /// The language tag (BCP 47), for `lang` and `Accept-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Pseudo => "qps",
            Self::PseudoRightToLeft => "qps-plocm",
        }
    }

    /// The language of messages to a visitor of these pages, so that message and page speak one
    /// language.
    pub const fn of_messages(self) -> Language {
        match self {
            Self::English | Self::Pseudo | Self::PseudoRightToLeft => Language::English,
        }
    }

    /// The direction of the language.
    pub const fn direction(self) -> Direction {
        match self {
            Self::English | Self::Pseudo => Direction::LeftToRight,
            Self::PseudoRightToLeft => Direction::RightToLeft,
        }
    }
}

impl Direction {
    /// The value of the attribute `dir`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// The language of the pages for a visitor who asked for `requested`. Messages are written in
/// eight languages and pages in English only, so for now the others are not sent to a visitor:
/// a page in another language brings its messages with it.
pub const fn page_language(requested: Language) -> PageLanguage {
    match requested {
        Language::English
        | Language::Spanish
        | Language::Portuguese
        | Language::Hindi
        | Language::Indonesian
        | Language::Arabic
        | Language::German
        | Language::French => PageLanguage::English,
    }
}
