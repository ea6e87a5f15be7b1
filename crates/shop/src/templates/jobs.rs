//! Template jobs, which the merchant starts from a page: submitting some dozens of templates
//! takes longer than a page may, so the page shows the result later. Jobs are kept in the
//! memory of this process; the statuses themselves are rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Refusal, Timestamp};

use super::{Templates, TemplatesError};
use crate::error::Result;

/// How long a page waits for a job; most are done by then.
const PROVIDER_PAGE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many problems a job reports one by one.
const MAX_REPORTED_PROBLEMS: usize = 5;

/// The job of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateJob {
    /// To accept every template that the shop needs.
    Submit,
    /// To report the status of the templates.
    Sync,
}

/// The last job at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// When it was started, or ended.
    pub at: Timestamp,
    /// Whether it still runs.
    pub is_running: bool,
    /// The result, in lines for the merchant.
    pub lines: Vec<String>,
}

/// The last job at each provider. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct TemplateJobs(Arc<Mutex<BTreeMap<String, JobView>>>);

impl TemplateJobs {
    pub(crate) fn last(&self, provider: &str) -> Option<JobView> {
        self.all().get(provider).cloned()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, JobView>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a job starts; false if one runs already.
    fn begin(&self, provider: &str, at: Timestamp) -> bool {
        let mut all = self.all();
        if all.get(provider).is_some_and(|job| job.is_running) {
            return false;
        }
        all.insert(provider.into(), JobView { at, is_running: true, lines: Vec::new() });
        true
    }

    fn end(&self, provider: &str, at: Timestamp, lines: Vec<String>) {
        self.all().insert(provider.into(), JobView { at, is_running: false, lines });
    }

    /// Starts a job at a provider, and waits for its end as long as a page may.
    pub(crate) async fn run(
        &self,
        templates: &Templates,
        provider: &str,
        job: TemplateJob,
    ) -> Result<()> {
        if templates.provider(provider).is_none() {
            return Err(Refusal::NotFound.into());
        }
        if !self.begin(provider, templates.clock.now()) {
            return Ok(());
        }
        let (jobs, templates, provider) = (self.clone(), templates.clone(), provider.to_owned());
        let running = tokio::spawn(async move {
            let lines = match job {
                TemplateJob::Submit => submit(&templates, &provider).await,
                TemplateJob::Sync => sync(&templates, &provider).await,
            };
            let lines = lines.unwrap_or_else(|error| vec![error.to_string()]);
            jobs.end(&provider, templates.clock.now(), lines);
        });
        // A page that no longer waits does not stop the job.
        tokio::time::timeout(PROVIDER_PAGE_TIMEOUT, running).await.ok();
        Ok(())
    }
}

async fn submit(templates: &Templates, provider: &str) -> Result<Vec<String>, TemplatesError> {
    let submissions = templates.submit_all(provider).await?;
    let taken = submissions.iter().filter(|one| one.outcome.is_ok()).count();
    let mut lines = vec![format!("{taken} of {} templates were taken.", submissions.len())];
    let problems = submissions.iter().filter_map(|one| {
        let error = one.outcome.as_ref().err()?;
        Some(format!("{} ({}): {error}", one.name, one.language.as_str()))
    });
    lines.extend(problems.take(MAX_REPORTED_PROBLEMS));
    Ok(lines)
}

async fn sync(templates: &Templates, provider: &str) -> Result<Vec<String>, TemplatesError> {
    let count = templates.sync(Some(provider)).await?;
    Ok(vec![format!("{provider} has {count} templates of this shop.")])
}
