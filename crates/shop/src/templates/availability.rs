//! Whether a courier may send a message, by its template. The language is the
//! reader's where that is approved, and English where it is not.

use std::sync::Arc;

use domain::Language;
use store::{NewMessage, StoredTemplate};
use whatsapp::{MessageProvider, Template, TemplateStatus};

use super::{Templates, expiry};
use crate::Result;

/// Whether a courier may send a message.
pub(crate) enum Availability {
    /// In this language, by the template the provider knows by this name.
    Yes { language: Language, id: Option<String> },
    /// No, and what the merchant can do about it.
    No { why: String },
}

/// How one template stands.
enum Standing {
    Approved(Option<String>),
    Missing,
    Refused(String),
}

impl Templates<'_> {
    /// The template by which a courier may send a message, if it needs one. Where a list
    /// was never read, a template nobody has heard of may be there, and is tried.
    pub(crate) async fn find_usable(
        &self,
        provider: &Arc<dyn MessageProvider>,
        message: &NewMessage,
    ) -> Result<Availability> {
        if !provider.needs_template(message.channel, message.kind) {
            return Ok(Availability::Yes { language: message.language, id: None });
        }
        let provider = provider.name();
        let name = self.name(&self.template(message.kind, message.language));
        let mut rows = self.0.db().read().await?;
        let known = rows.templates().list_named(provider, &name).await?;
        let is_list_read = rows.templates().read_at(provider).await?.is_some();
        drop(rows);
        let mut why = None;
        for language in languages(message.language) {
            let template = self.template(message.kind, language);
            let row = known.iter().find(|row| row.language == language);
            match standing(provider, &template, row) {
                Standing::Approved(id) => return Ok(Availability::Yes { language, id }),
                Standing::Missing if !is_list_read => {
                    return Ok(Availability::Yes { language, id: None });
                }
                Standing::Missing => {
                    let missing = || missing(provider, &name, language);
                    why.get_or_insert_with(missing);
                }
                Standing::Refused(reason) => drop(why.get_or_insert(reason)),
            }
        }
        Ok(Availability::No { why: why.unwrap_or_default() })
    }
}

/// The reader's language, and then English.
fn languages(wanted: Language) -> impl Iterator<Item = Language> {
    let fallback = Language::default();
    std::iter::once(wanted).chain((wanted != fallback).then_some(fallback))
}

fn standing(provider: &str, template: &Template, row: Option<&StoredTemplate>) -> Standing {
    let Some(row) = row else { return Standing::Missing };
    let status = TemplateStatus::parse(&row.status);
    if status == Some(TemplateStatus::Approved) && expiry::is_right(template, row.minutes) {
        return Standing::Approved(row.provider_id.clone());
    }
    let StoredTemplate { name, language, .. } = row;
    let reason = row.reason.as_deref().unwrap_or("no reason was given");
    let what = match status {
        Some(TemplateStatus::Approved) => format!(
            "states a life of {} minutes while {} are enforced: change {} or the template",
            row.minutes.unwrap_or_default(),
            template.minutes,
            expiry::setting(template.kind)
        ),
        Some(TemplateStatus::Pending) => format!(
            "waits for approval: nothing to do but wait, or `marigold templates sync {provider}` \
             to ask again"
        ),
        Some(TemplateStatus::Rejected) => format!(
            "was rejected ({reason}): change it at {provider} and run \
             `marigold templates sync {provider}`"
        ),
        Some(TemplateStatus::Paused) => format!(
            "is paused ({reason}): it comes back by itself; \
             `marigold templates sync {provider}` asks whether it has"
        ),
        Some(TemplateStatus::Disabled) | None => format!(
            "was disabled or deleted ({reason}): run `marigold templates submit {provider}`"
        ),
    };
    Standing::Refused(format!("the template {name} ({}) {what}", language.as_str()))
}

/// Why a template may not be sent, and what to do about it; `None` if it may be.
pub(super) fn problem(
    provider: &str,
    name: &str,
    template: &Template,
    row: Option<&StoredTemplate>,
) -> Option<String> {
    match standing(provider, template, row) {
        Standing::Approved(_) => None,
        Standing::Missing => Some(missing(provider, name, template.language)),
        Standing::Refused(why) => Some(why),
    }
}

fn missing(provider: &str, name: &str, language: Language) -> String {
    format!(
        "there is no template {name} ({}) at {provider}: run `marigold templates submit \
         {provider}`, or `marigold templates sync {provider}` if it was made by hand",
        language.as_str()
    )
}
