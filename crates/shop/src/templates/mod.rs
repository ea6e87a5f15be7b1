//! Message templates, which providers must approve before they are sent: submitting them,
//! reading their status, and using only approved ones.

mod availability;
mod expiry;
mod jobs;
mod manage;

pub(crate) use availability::Availability;
pub use expiry::ExpiryMismatch;
pub(crate) use jobs::TemplateJobs;
pub use jobs::{JobView, TemplateJob};
pub use manage::{Submission, TemplatesError};

use std::sync::Arc;

use domain::{Channel, Language, MessageKind, Timestamp};
use store::{Connection, Db, StoredTemplate};
use whatsapp::{MessageProvider, Template, TemplateStatus, TemplateUpdate};

use crate::{clock::Clock, error::Result, policy::Policy};

/// The message templates that providers have to approve.
///
/// Commands of the server get them from [`Dependencies`](crate::Dependencies). A page has no
/// dependencies, and reaches them by a [`Merchant`](crate::merchant::Merchant) alone.
#[derive(Clone)]
pub struct Templates {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    /// It decides the validity that the templates of codes state.
    pub(crate) policy: Policy,
    /// The prefix of their names, at every provider.
    pub(crate) prefix: String,
    /// In the merchant's order of preference.
    pub(crate) providers: Arc<[Arc<dyn MessageProvider>]>,
}

/// A template that the shop needs, with its status at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateView {
    /// The provider.
    pub provider: &'static str,
    /// Its name at the provider.
    pub name: String,
    /// The kind of message it is for.
    pub kind: MessageKind,
    /// Its language.
    pub language: Language,
    /// Its status at the provider; `None` if the provider never reported it.
    pub status: Option<TemplateStatus>,
    /// Why not, in the provider's words.
    pub reason: Option<String>,
    /// The validity that its footer states in minutes, if the provider reports it; 0 for
    /// notices.
    pub minutes: Option<u64>,
    /// Whether that is the validity that the shop enforces, as far as is known.
    pub is_expiry_right: bool,
    /// Why it may not be sent and what to do about it; `None` if it may be sent.
    pub problem: Option<String>,
}

impl Templates {
    /// Every needed template at every provider that has templates.
    pub async fn states(&self) -> Result<Vec<TemplateView>> {
        let rows = self.db.read().await?.templates().list().await?;
        let mut views = Vec::new();
        for provider in self.providers.iter() {
            for template in self.needed(provider.as_ref()) {
                let name = self.name(&template);
                let row = rows.iter().find(|row| {
                    row.provider == provider.name()
                        && row.name == name
                        && row.language == template.language
                });
                views.push(view(provider.name(), name, &template, row));
            }
        }
        Ok(views)
    }

    /// The provider of this name, if it is configured.
    pub(crate) fn provider(&self, name: &str) -> Option<&Arc<dyn MessageProvider>> {
        self.providers.iter().find(|provider| provider.name() == name)
    }

    /// The templates that a provider needs; none if it has no templates.
    fn needed(&self, provider: &dyn MessageProvider) -> Vec<Template> {
        let needs = |kind: &MessageKind| {
            provider.carries(Channel::WhatsApp, *kind)
                && provider.needs_template(Channel::WhatsApp, *kind)
        };
        let kinds = MessageKind::ALL.into_iter().filter(needs);
        kinds.flat_map(|kind| Language::ALL.map(|language| self.template(kind, language))).collect()
    }

    /// The template of a kind of message, with the validity that the shop enforces.
    fn template(&self, kind: MessageKind, language: Language) -> Template {
        let minutes = match kind {
            MessageKind::Code(purpose) => self.policy.code_minutes_for(purpose),
            _ => 0,
        };
        Template { kind, language, minutes }
    }

    fn name(&self, template: &Template) -> String {
        template.name(&self.prefix)
    }

    /// Whether a name is of one of the shop's own templates.
    fn is_own(&self, name: &str) -> bool {
        MessageKind::ALL
            .into_iter()
            .any(|kind| self.name(&self.template(kind, Language::default())) == name)
    }

    /// Records a provider's report of a template's status. Templates of others are ignored.
    pub(crate) async fn record(
        &self,
        tx: &mut Connection,
        update: TemplateUpdate,
        now: Timestamp,
    ) -> Result<()> {
        if !self.is_own(&update.name) {
            return Ok(());
        }
        let template = StoredTemplate {
            provider: update.provider.to_owned(),
            name: update.name,
            language: update.language,
            provider_id: None,
            status: update.status.as_str().to_owned(),
            reason: update.reason,
            expiry_minutes: None,
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
    let minutes = row.and_then(|row| row.expiry_minutes);
    TemplateView {
        provider,
        problem: availability::problem(provider, &name, template, row),
        name,
        kind: template.kind,
        language: template.language,
        status: row.and_then(|row| TemplateStatus::parse(&row.status)),
        reason: row.and_then(|row| row.reason.clone()),
        minutes,
        is_expiry_right: expiry::is_right(template, minutes),
    }
}
