//! Message providers and their templates: how they stand, and asking providers about them.

use super::Merchant;
use crate::{
    check::{Report, check},
    delivery::ProviderView,
    error::Result,
    providers::ProviderContext,
    templates::{JobView, TemplateJob, TemplateView},
};

impl Merchant<'_> {
    /// Every provider in order of preference, with its circuit breaker and last problem.
    pub fn providers(&self) -> Vec<ProviderView> {
        self.0.delivery.providers()
    }

    /// Checks at every provider whether messages can be sent and their status be received.
    pub async fn check_providers(&self, context: &ProviderContext) -> Result<Vec<Report>> {
        check(self.0.templates, context, None).await
    }

    /// The status of every template at every provider.
    pub async fn templates(&self) -> Result<Vec<TemplateView>> {
        self.0.templates.states().await
    }

    /// Starts a job at a provider, and waits for its end as long as a page may. A job that
    /// runs already is not started again.
    pub async fn run_template_job(&self, provider: &str, job: TemplateJob) -> Result<()> {
        self.0.template_jobs.run(self.0.templates, provider, job).await
    }

    /// The last job at a provider, if there was one since the process started.
    pub fn last_template_job(&self, provider: &str) -> Option<JobView> {
        self.0.template_jobs.last(provider)
    }
}
