//! Message templates: how they stand, and asking providers about them.

use super::Merchant;
use crate::{
    error::Result,
    templates::{JobView, TemplateJob, TemplateView, run_job},
};

impl Merchant<'_> {
    /// The status of every template at every provider.
    pub async fn templates(&self) -> Result<Vec<TemplateView>> {
        self.0.templates().states().await
    }

    /// Starts a job at a provider, and waits for its end as long as a page may. A job that
    /// runs already is not started again.
    pub async fn run_template_job(&self, provider: &str, job: TemplateJob) -> Result<()> {
        run_job(self.0, provider, job).await
    }

    /// The last job at a provider, if there was one since the process started.
    pub fn last_template_job(&self, provider: &str) -> Option<JobView> {
        self.0.template_jobs().last(provider)
    }
}
