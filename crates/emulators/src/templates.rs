//! The templates that were handed in for review, and what the review said.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::time::Instant;

/// What a review says, in Meta's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may be used.
    Approved,
    /// It may not, for this reason.
    Rejected(&'static str),
    /// It was approved, and then disliked by its readers.
    Paused,
    /// It was paused too often.
    Disabled,
}

impl Verdict {
    /// The verdict that a name asks for by its end: `_rejected`, `_paused` or `_disabled`.
    pub fn of(name: &str) -> Self {
        match name.rsplit('_').next() {
            Some("rejected") => Self::Rejected("INVALID_FORMAT"),
            Some("paused") => Self::Paused,
            Some("disabled") => Self::Disabled,
            _ => Self::Approved,
        }
    }

    /// The verdict that a status names.
    pub fn named(status: &str) -> Option<Self> {
        match status.to_ascii_uppercase().as_str() {
            "APPROVED" => Some(Self::Approved),
            "REJECTED" => Some(Self::Rejected("INVALID_FORMAT")),
            "PAUSED" => Some(Self::Paused),
            "DISABLED" => Some(Self::Disabled),
            _ => None,
        }
    }

    /// Meta's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Rejected(_) => "REJECTED",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// A template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The provider's identifier.
    pub id: String,
    /// Its name, the same in every language.
    pub name: String,
    /// Its language.
    pub language: String,
    /// `AUTHENTICATION`, `UTILITY` or `MARKETING`.
    pub category: String,
    /// Its parts as they are read back.
    pub components: Value,
    /// How long a message made of it may wait, in seconds, if it was said.
    pub time_to_live: Option<i64>,
    /// Unix seconds.
    pub created_at: i64,
    /// When the review ends.
    pub reviewed_at: Instant,
    /// What the review says.
    pub verdict: Verdict,
}

impl Template {
    /// The verdict, once the review is over.
    pub fn verdict(&self) -> Option<Verdict> {
        (Instant::now() >= self.reviewed_at).then_some(self.verdict)
    }

    /// Meta's word for its state.
    pub fn status(&self) -> &'static str {
        self.verdict().map_or("PENDING", Verdict::word)
    }

    /// Why it was rejected; `NONE` otherwise.
    pub fn reason(&self) -> &'static str {
        match self.verdict() {
            Some(Verdict::Rejected(reason)) => reason,
            _ => "NONE",
        }
    }

    /// How many parameters its body takes.
    pub fn body_parameters(&self) -> usize {
        let body = self.component("BODY").and_then(|part| part.get("text")?.as_str());
        let body = body.unwrap_or_default();
        (1..=99).take_while(|number| body.contains(&format!("{{{{{number}}}}}"))).count()
    }

    /// Whether a button needs the code.
    pub fn has_code_button(&self) -> bool {
        self.category == "AUTHENTICATION" && self.component("BUTTONS").is_some()
    }

    /// The body with its parameters filled in, and the footer.
    pub fn text(&self, parameters: &[String]) -> Option<String> {
        let mut text = String::from(self.component("BODY")?.get("text")?.as_str()?);
        for (place, value) in parameters.iter().enumerate() {
            text = text.replace(&format!("{{{{{}}}}}", place + 1), value);
        }
        if let Some(footer) = self.component("FOOTER").and_then(|part| part.get("text")?.as_str()) {
            text.push('\n');
            text.push_str(footer);
        }
        Some(text)
    }

    fn component(&self, kind: &str) -> Option<&Value> {
        self.components.as_array()?.iter().find(|part| part.get("type") == Some(&json!(kind)))
    }
}

/// Every template.
#[derive(Debug, Default)]
pub(crate) struct Templates(Mutex<Vec<Template>>);

impl Templates {
    /// Adds a template; false if its name and language are taken.
    pub fn add(&self, template: Template) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_taken =
            all.iter().any(|each| each.name == template.name && each.language == template.language);
        if !is_taken {
            all.push(template);
        }
        !is_taken
    }

    /// Adds a template, also beside one of the same name and language.
    pub fn insert(&self, template: Template) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(template);
    }

    /// Every template that the condition holds for, oldest first.
    pub fn select(&self, is_wanted: impl Fn(&Template) -> bool) -> Vec<Template> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|each| is_wanted(each)).cloned().collect()
    }

    /// A template by name and language.
    pub fn find(&self, name: &str, language: &str) -> Option<Template> {
        self.select(|each| each.name == name && each.language == language).pop()
    }

    /// A template by its identifier.
    pub fn find_by_id(&self, id: &str) -> Option<Template> {
        self.select(|each| each.id == id).pop()
    }

    /// Changes the templates that the condition holds for; how many there were.
    pub fn change(
        &self,
        is_wanted: impl Fn(&Template) -> bool,
        change: impl Fn(&mut Template),
    ) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter_mut().filter(|each| is_wanted(each)).map(change).count()
    }

    /// Removes the templates that the condition holds for; how many there were.
    pub fn remove(&self, is_wanted: impl Fn(&Template) -> bool) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.len();
        all.retain(|each| !is_wanted(each));
        before - all.len()
    }
}
