//! Submitting templates to providers, and reading their status.

use domain::{Language, Timestamp};
use store::{StoredTemplate, transaction};
use whatsapp::{MessageProvider, Template, TemplateError, TemplateState, TemplateStatus};

use super::Templates;
use crate::error::{Error, Result};

/// The result of submitting one template.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// Its status, or why it was not accepted.
    pub outcome: Result<TemplateStatus, TemplateError>,
}

/// Why templates could not be submitted or listed.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// The provider is not configured.
    #[error("{0} is not in MARIGOLD_PROVIDERS")]
    NotUsed(String),
    /// The provider has no templates, or no interface to manage them.
    #[error("{0} has no templates that can be managed by program")]
    NotManaged(&'static str),
    /// The provider refused or did not answer.
    #[error("{provider}: {why}")]
    Provider {
        /// Which one.
        provider: &'static str,
        /// What it said.
        why: TemplateError,
    },
    /// The result could not be stored.
    #[error("the templates could not be stored")]
    Failed(#[from] Error),
}

impl Templates {
    /// The providers whose templates can be managed by program.
    pub fn managed_providers(&self) -> impl Iterator<Item = &'static str> {
        let managed = self.providers.iter().filter(|provider| provider.templates().is_some());
        managed.map(|provider| provider.name())
    }

    /// Submits every template that the shop needs to a provider. Stops after an error that
    /// every further one would meet.
    pub async fn submit_all(&self, provider: &str) -> Result<Vec<Submission>, TemplatesError> {
        let provider = self.configured(provider)?;
        let templates = managed(provider)?;
        let mut submissions = Vec::new();
        for template in self.needed(provider) {
            let submitted = templates.submit(&template).await;
            let is_over = matches!(
                submitted,
                Err(TemplateError::Unreachable | TemplateError::Misconfigured { .. })
            );
            let outcome = match submitted {
                Ok(state) => Ok(self.store(provider.name(), state).await?),
                Err(error) => Err(error),
            };
            let Template { language, .. } = template;
            submissions.push(Submission { name: self.name(&template), language, outcome });
            if is_over {
                break;
            }
        }
        Ok(submissions)
    }

    /// Reads the status of the templates at one provider, or at all that have templates.
    /// Returns how many of them are the shop's.
    pub async fn sync(&self, provider: Option<&str>) -> Result<usize, TemplatesError> {
        let Some(provider) = provider else { return self.sync_all().await };
        self.sync_one(provider).await
    }

    /// An error of one provider does not keep the others from being read.
    async fn sync_all(&self) -> Result<usize, TemplatesError> {
        let (mut count, mut first_error) = (0, None);
        for provider in self.managed_providers() {
            match self.sync_one(provider).await {
                Ok(found) => count += found,
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        first_error.map_or(Ok(count), Err)
    }

    async fn sync_one(&self, provider: &str) -> Result<usize, TemplatesError> {
        let provider = self.configured(provider)?;
        let templates = managed(provider)?;
        let provider = provider.name();
        let asked_at = self.clock.now();
        let listed = templates.list().await;
        let mut states = listed.map_err(|why| TemplatesError::Provider { provider, why })?;
        states.retain(|state| self.is_own(&state.name));
        let count = states.len();
        let now = self.clock.now();
        let kept = transaction!(self.db, |tx| {
            for state in states {
                tx.templates().put(&stored(provider, state, now)).await?;
            }
            tx.templates().finish_list(provider, asked_at, now).await
        });
        let kept: Result<(), store::Error> = kept.await;
        kept.map_err(Error::from)?;
        Ok(count)
    }

    fn configured(&self, name: &str) -> Result<&dyn MessageProvider, TemplatesError> {
        let provider = self.provider(name).map(AsRef::as_ref);
        provider.ok_or_else(|| TemplatesError::NotUsed(name.to_owned()))
    }

    async fn store(&self, provider: &str, state: TemplateState) -> Result<TemplateStatus> {
        let status = state.status;
        let row = stored(provider, state, self.clock.now());
        let kept = transaction!(self.db, |tx| tx.templates().put(&row).await);
        kept.await?;
        Ok(status)
    }
}

/// The interface by which the templates of a provider are managed.
fn managed(provider: &dyn MessageProvider) -> Result<&dyn whatsapp::Templates, TemplatesError> {
    provider.templates().ok_or(TemplatesError::NotManaged(provider.name()))
}

fn stored(provider: &str, state: TemplateState, now: Timestamp) -> StoredTemplate {
    StoredTemplate {
        provider: provider.to_owned(),
        name: state.name,
        language: state.language,
        provider_id: state.id,
        status: state.status.as_str().to_owned(),
        reason: state.reason,
        expiry_minutes: state.minutes,
        updated_at: now,
    }
}
