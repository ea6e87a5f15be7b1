//! The files of one language, read into Fluent.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, LazyLock},
};

use fluent_bundle::{FluentArgs, FluentError, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::PageLanguage;

/// The folder and the files of a language.
macro_rules! files {
    ($folder:literal: $($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../locales/", $folder, "/", $file)))),*]
    };
}

/// The English files, by name.
pub(crate) const ENGLISH: &[(&str, &str)] = files!("en":
    "account.ftl",
    "cart.ftl",
    "catalogue.ftl",
    "checkout.ftl",
    "code.ftl",
    "email.ftl",
    "layout.ftl",
    "legal.ftl",
    "merchant.ftl",
    "messages.ftl",
    "order.ftl",
    "outside.ftl",
    "personal-data.ftl",
    "recovery.ftl",
    "services.ftl",
    "sign-in.ftl",
    "simulator.ftl",
    "withdrawal.ftl",
);

/// Why the texts cannot be used.
#[derive(Debug)]
pub(crate) enum Error {
    Unreadable { file: String, source: io::Error },
    Invalid { file: String, problem: String },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { file, source } => write!(f, "{file}: {source}"),
            Self::Invalid { file, problem } => write!(f, "{file}: {problem}"),
        }
    }
}

/// The messages of a language.
pub(crate) struct Bundle(FluentBundle<FluentResource>);

/// The messages that were compiled in.
pub(crate) fn compiled(language: PageLanguage) -> Arc<Bundle> {
    static COMPILED: LazyLock<Arc<Bundle>> = LazyLock::new(|| {
        let mut bundle = Bundle::empty(PageLanguage::English);
        for (file, content) in ENGLISH {
            // A test parses every file, so there is nothing to report here.
            bundle.add(file, content).ok();
        }
        Arc::new(bundle)
    });
    match language {
        PageLanguage::English | PageLanguage::Pseudo | PageLanguage::PseudoRightToLeft => {
            Arc::clone(&COMPILED)
        }
    }
}

impl Bundle {
    /// The messages as they stand in the files now.
    pub(crate) fn read(language: PageLanguage, folder: &Path) -> Result<Self, Error> {
        let mut bundle = Self::empty(language);
        for (file, _) in ENGLISH {
            let path = folder.join("en").join(file);
            let content = fs::read_to_string(&path)
                .map_err(|source| Error::Unreadable { file: path.display().to_string(), source })?;
            bundle.add(file, &content)?;
        }
        Ok(bundle)
    }

    fn empty(language: PageLanguage) -> Self {
        let rules = match language {
            PageLanguage::English | PageLanguage::Pseudo | PageLanguage::PseudoRightToLeft => "en",
        };
        let rules = LanguageIdentifier::from_bytes(rules.as_bytes()).unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![rules]);
        // Messages, attributes and accessible names hold no marks for the direction of their
        // parts. HTML has `<bdi>` for what may run the other way.
        bundle.set_use_isolating(false);
        Self(bundle)
    }

    fn add(&mut self, file: &str, content: &str) -> Result<(), Error> {
        let invalid = |problem: String| Error::Invalid { file: file.to_owned(), problem };
        let resource = FluentResource::try_new(content.to_owned()).map_err(|(_, errors)| {
            invalid(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        self.0.add_resource(resource).map_err(|errors| {
            invalid(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })
    }

    /// The message of a key; `None` if there is none.
    pub(crate) fn format(&self, key: &str, variables: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.0.get_message(key)?.value()?;
        let mut errors: Vec<FluentError> = Vec::new();
        let message = self.0.format_pattern(pattern, Some(variables), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(
                event = "text.format_failed",
                key,
                ?errors,
                "A text has a wrong variable."
            );
        }
        Some(message)
    }
}
