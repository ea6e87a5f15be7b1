//! The templates of messages, which providers must approve before they are sent:
//! submitting them, knowing how they stand, and using none that is not approved.

mod availability;
mod expiry;
mod jobs;
mod manage;

pub(crate) use availability::Availability;
pub use expiry::ExpiryMismatch;
pub(crate) use jobs::TemplateJobs;
pub use jobs::{JobView, TemplateJob};
pub use manage::{Submission, TemplatesError};

use domain::{Channel, Language, MessageKind, Timestamp};
use store::{Connection, StoredTemplate};
use whatsapp::{MessageProvider, Template, TemplateStatus, TemplateUpdate};

use crate::{Result, Shop, Visitor, merchant::ensure_merchant};

/// The templates of messages.
pub struct Templates<'s>(&'s Shop);

impl Shop {
    /// The templates of messages.
    pub fn templates(&self) -> Templates<'_> {
        Templates(self)
    }
}

/// A template the shop needs, and how it stands at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateView {
    /// Whose.
    pub provider: &'static str,
    /// Its name there.
    pub name: String,
    /// What it says.
    pub kind: MessageKind,
    /// In which language.
    pub language: Language,
    /// Whether it may be sent; `None` if the provider was never heard to have it.
    pub status: Option<TemplateStatus>,
    /// Why not, in the provider's words.
    pub reason: Option<String>,
    /// The life its footer states, where the provider tells; 0 for notices.
    pub minutes: Option<u64>,
    /// Whether that is the life the shop enforces, as far as is known.
    pub is_life_right: bool,
    /// Why it may not be sent, and what to do about it; `None` if it may be.
    pub problem: Option<String>,
}

impl Templates<'_> {
    /// How every template stands at every provider. The merchant's alone.
    pub async fn list(&self, visitor: &Visitor) -> Result<Vec<TemplateView>> {
        ensure_merchant(self.0, visitor)?;
        self.states().await
    }

    /// How every template stands at every provider that has such things.
    pub async fn states(&self) -> Result<Vec<TemplateView>> {
        let rows = self.0.db().read().await?.templates().list().await?;
        let mut views = Vec::new();
        for provider_state in self.0.provider_states() {
            for template in self.needed(provider_state.provider.as_ref()) {
                let name = self.name(&template);
                let row = rows.iter().find(|row| {
                    row.provider == provider_state.name()
                        && row.name == name
                        && row.language == template.language
                });
                views.push(view(provider_state.name(), name, &template, row));
            }
        }
        Ok(views)
    }

    /// The templates a provider must have; none if it has no such things.
    fn needed(&self, provider: &dyn MessageProvider) -> Vec<Template> {
        let needs = |kind: &MessageKind| {
            provider.carries(Channel::WhatsApp, *kind)
                && provider.needs_template(Channel::WhatsApp, *kind)
        };
        let kinds = MessageKind::ALL.into_iter().filter(needs);
        kinds.flat_map(|kind| Language::ALL.map(|language| self.template(kind, language))).collect()
    }

    /// The template of a kind of message, with the life the shop enforces.
    fn template(&self, kind: MessageKind, language: Language) -> Template {
        let minutes = match kind {
            MessageKind::Code(purpose) => self.0.settings().policy.minutes_of(purpose),
            _ => 0,
        };
        Template { kind, language, minutes }
    }

    fn name(&self, template: &Template) -> String {
        template.name(&self.0.settings().template_prefix)
    }

    /// Whether a name is of one of the shop's own templates.
    fn is_own(&self, name: &str) -> bool {
        MessageKind::ALL
            .into_iter()
            .any(|kind| self.name(&self.template(kind, Language::default())) == name)
    }

    /// Takes a provider's news of a template; other people's are none of ours.
    pub(crate) async fn take(
        &self,
        tx: &mut Connection,
        news: TemplateUpdate,
        now: Timestamp,
    ) -> Result<()> {
        if !self.is_own(&news.name) {
            return Ok(());
        }
        let template = StoredTemplate {
            provider: news.provider.to_owned(),
            name: news.name,
            language: news.language,
            provider_id: None,
            status: news.status.as_str().to_owned(),
            reason: news.reason,
            minutes: None,
            updated_at: now,
        };
        Ok(tx.templates().put(&template).await?)
    }
}

fn view(
    provider: &'static str,
    name: String,
    template: &Template,
    row: Option<&StoredTemplate>,
) -> TemplateView {
    let minutes = row.and_then(|row| row.minutes);
    TemplateView {
        provider,
        problem: availability::problem(provider, &name, template, row),
        name,
        kind: template.kind,
        language: template.language,
        status: row.and_then(|row| TemplateStatus::parse(&row.status)),
        reason: row.and_then(|row| row.reason.clone()),
        minutes,
        is_life_right: expiry::is_right(template, minutes),
    }
}
