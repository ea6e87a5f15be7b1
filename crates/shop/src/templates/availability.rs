//! Whether a provider may send a message, which depends on its template. The reader's
//! language is used if its template is approved, and English otherwise.

use std::sync::Arc;

use domain::Language;
use store::{NewMessage, StoredTemplate};
use whatsapp::{MessageProvider, Template, TemplateStatus};

use super::{Templates, expiry};
use crate::error::Result;

/// Whether a provider may send a message.
pub(crate) enum Availability {
    /// It may, in this language, with the template of this id.
    Yes { language: Language, id: Option<String> },
    /// It may not be sent; `why` says what the merchant can do about it.
    No { why: String },
}

/// Whether one template may be used.
enum Usability {
    Approved(Option<String>),
    Missing,
    Refused(String),
}

impl Templates {
    /// The template for a message, if the provider needs one. Until a provider's list has
    /// been read once, an unknown template may exist there, so it is tried.
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
        let mut rows = self.db.read().await?;
        let known = rows.templates().list_named(provider, &name).await?;
        let is_list_read = rows.templates().read_at(provider).await?.is_some();
        drop(rows);
        let mut why = None;
        for language in languages(message.language) {
            let template = self.template(message.kind, language);
            let row = known.iter().find(|row| row.language == language);
            match usability(provider, &template, row) {
                Usability::Approved(id) => return Ok(Availability::Yes { language, id }),
                Usability::Missing if !is_list_read => {
                    return Ok(Availability::Yes { language, id: None });
                }
                Usability::Missing => {
                    let missing = || missing(provider, &name, language);
                    why.get_or_insert_with(missing);
                }
                Usability::Refused(reason) => drop(why.get_or_insert(reason)),
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

fn usability(provider: &str, template: &Template, row: Option<&StoredTemplate>) -> Usability {
    let Some(row) = row else { return Usability::Missing };
    let status = TemplateStatus::parse(&row.status);
    if status == Some(TemplateStatus::Approved) && expiry::is_right(template, row.expiry_minutes) {
        return Usability::Approved(row.provider_id.clone());
    }
    let StoredTemplate { name, language, .. } = row;
    let reason = row.reason.as_deref().unwrap_or("no reason was given");
    let what = match status {
        Some(TemplateStatus::Approved) => format!(
            "states a validity of {} minutes while {} are enforced: change {} or the template",
            row.expiry_minutes.unwrap_or_default(),
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
    Usability::Refused(format!("the template {name} ({}) {what}", language.as_str()))
}

/// Why a template may not be sent and what to do about it; `None` if it may be sent.
pub(super) fn problem(
    provider: &str,
    name: &str,
    template: &Template,
    row: Option<&StoredTemplate>,
) -> Option<String> {
    match usability(provider, template, row) {
        Usability::Approved(_) => None,
        Usability::Missing => Some(missing(provider, name, template.language)),
        Usability::Refused(why) => Some(why),
    }
}

fn missing(provider: &str, name: &str, language: Language) -> String {
    format!(
        "there is no template {name} ({}) at {provider}: run `marigold templates submit \
         {provider}`, or `marigold templates sync {provider}` if it was made by hand",
        language.as_str()
    )
}
