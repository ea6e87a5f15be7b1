//! The submitted templates and their reviews.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::time::Instant;

/// The decision of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReviewDecision {
    Approved,
    /// Rejected for this reason.
    Rejected(&'static str),
    /// Approved, then paused because recipients complained.
    Paused,
    /// Paused too often.
    Disabled,
}

impl ReviewDecision {
    /// The decision that the end of a name chooses: `_rejected`, `_paused` or `_disabled`.
    pub fn for_name(name: &str) -> Self {
        match name.rsplit('_').next() {
            Some("rejected") => Self::Rejected("INVALID_FORMAT"),
            Some("paused") => Self::Paused,
            Some("disabled") => Self::Disabled,
            _ => Self::Approved,
        }
    }

    /// The decision that leads to one of Meta's statuses.
    pub fn from_status(status: &str) -> Option<Self> {
        match status.to_ascii_uppercase().as_str() {
            "APPROVED" => Some(Self::Approved),
            "REJECTED" => Some(Self::Rejected("INVALID_FORMAT")),
            "PAUSED" => Some(Self::Paused),
            "DISABLED" => Some(Self::Disabled),
            _ => None,
        }
    }

    /// Meta's status after the decision.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Rejected(_) => "REJECTED",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The provider's identifier.
    pub id: String,
    /// The name, the same in every language.
    pub name: String,
    pub language: String,
    /// `AUTHENTICATION`, `UTILITY` or `MARKETING`.
    pub category: String,
    /// The components as the API shows them.
    pub components: Value,
    /// Seconds until an undelivered message of this template is dropped.
    pub time_to_live: Option<i64>,
    /// Unix seconds.
    pub created_at: i64,
    /// The end of the review.
    pub reviewed_at: Instant,
    pub decision: ReviewDecision,
}

impl Template {
    /// The decision; none before the end of the review.
    pub fn decision(&self) -> Option<ReviewDecision> {
        (Instant::now() >= self.reviewed_at).then_some(self.decision)
    }

    /// Meta's status.
    pub fn status(&self) -> &'static str {
        self.decision().map_or("PENDING", ReviewDecision::as_str)
    }

    /// The reason of a rejection, or `NONE`.
    pub fn reason(&self) -> &'static str {
        match self.decision() {
            Some(ReviewDecision::Rejected(reason)) => reason,
            _ => "NONE",
        }
    }

    /// The number of parameters of the body.
    pub fn body_parameters(&self) -> usize {
        let body = self.component("BODY").and_then(|part| part.get("text")?.as_str());
        let body = body.unwrap_or_default();
        (1..=99).take_while(|number| body.contains(&format!("{{{{{number}}}}}"))).count()
    }

    /// Whether the template has a button that takes the code.
    pub fn has_code_button(&self) -> bool {
        self.category == "AUTHENTICATION" && self.component("BUTTONS").is_some()
    }

    /// The body with its parameters, and the footer.
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

#[derive(Debug, Default)]
pub(crate) struct Templates(Mutex<Vec<Template>>);

impl Templates {
    /// Adds a template. False if one of the same name and language exists.
    pub fn add(&self, template: Template) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_taken =
            all.iter().any(|each| each.name == template.name && each.language == template.language);
        if !is_taken {
            all.push(template);
        }
        !is_taken
    }

    /// Adds a template, whether or not one of the same name and language exists.
    pub fn insert(&self, template: Template) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(template);
    }

    /// The templates that meet the condition, oldest first.
    pub fn select(&self, is_wanted: impl Fn(&Template) -> bool) -> Vec<Template> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|each| is_wanted(each)).cloned().collect()
    }

    pub fn find(&self, name: &str, language: &str) -> Option<Template> {
        self.select(|each| each.name == name && each.language == language).pop()
    }

    pub fn find_by_id(&self, id: &str) -> Option<Template> {
        self.select(|each| each.id == id).pop()
    }

    /// Changes the templates that meet the condition. Returns how many there were.
    pub fn change(
        &self,
        is_wanted: impl Fn(&Template) -> bool,
        change: impl Fn(&mut Template),
    ) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter_mut().filter(|each| is_wanted(each)).map(change).count()
    }

    /// Removes the templates that meet the condition. Returns how many there were.
    pub fn remove(&self, is_wanted: impl Fn(&Template) -> bool) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.len();
        all.retain(|each| !is_wanted(each));
        before - all.len()
    }
}
