//! What the merchant asks of a provider from the page: submitting some dozens of
//! templates takes longer than a page may, so the page looks again later. Kept in
//! the memory of this process; the statuses themselves are rows.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Refusal, Timestamp};

use super::{Templates, TemplatesError};
use crate::{Result, Shop, Visitor, merchant::ensure_merchant};

/// How long a page waits: most answers are there by then.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most problems that are told one by one.
const PROBLEMS: usize = 5;

/// Something to be asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateJob {
    /// To take every template the shop needs.
    Submit,
    /// To say how they stand.
    Sync,
}

/// What became of the last wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// When it was asked, or answered.
    pub at: Timestamp,
    /// Whether the provider is still being asked.
    pub is_running: bool,
    /// What came of it.
    pub lines: Vec<String>,
}

/// The last wish at each provider.
#[derive(Default)]
pub(crate) struct TemplateJobs(Mutex<BTreeMap<String, JobView>>);

impl TemplateJobs {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, JobView>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// AuditBuffer that a provider is being asked; false if it is already.
    fn begin(&self, provider: &str, at: Timestamp) -> bool {
        let mut all = self.all();
        if all.get(provider).is_some_and(|wish| wish.is_running) {
            return false;
        }
        all.insert(provider.into(), JobView { at, is_running: true, lines: Vec::new() });
        true
    }

    fn end(&self, provider: &str, at: Timestamp, lines: Vec<String>) {
        self.all().insert(provider.into(), JobView { at, is_running: false, lines });
    }
}

impl Templates<'_> {
    /// Asks something of a provider, and waits for the answer as long as a page
    /// may. The merchant's alone.
    pub async fn wish(&self, visitor: &Visitor, provider: &str, wish: TemplateJob) -> Result<()> {
        ensure_merchant(self.0, visitor)?;
        let shop = self.0.clone();
        if shop.delivery().provider(provider).is_none() {
            return Err(Refusal::NotFound.into());
        }
        if !shop.wishes().begin(provider, shop.clock().now()) {
            return Ok(());
        }
        let provider = provider.to_owned();
        let asking = tokio::spawn(async move {
            let lines = match wish {
                TemplateJob::Submit => submit(&shop, &provider).await,
                TemplateJob::Sync => sync(&shop, &provider).await,
            };
            let lines = lines.unwrap_or_else(|error| vec![error.to_string()]);
            shop.wishes().end(&provider, shop.clock().now(), lines);
        });
        // Whoever does not wait stops nothing.
        tokio::time::timeout(PATIENCE, asking).await.ok();
        Ok(())
    }

    /// What became of the last wish at a provider.
    pub fn last_wish(&self, provider: &str) -> Option<JobView> {
        self.0.wishes().all().get(provider).cloned()
    }
}

async fn submit(shop: &Shop, provider: &str) -> Result<Vec<String>, TemplatesError> {
    let submissions = shop.templates().submit_all(provider).await?;
    let taken = submissions.iter().filter(|one| one.outcome.is_ok()).count();
    let mut lines = vec![format!("{taken} of {} templates were taken.", submissions.len())];
    let problems = submissions.iter().filter_map(|one| {
        let error = one.outcome.as_ref().err()?;
        Some(format!("{} ({}): {error}", one.name, one.language.as_str()))
    });
    lines.extend(problems.take(PROBLEMS));
    Ok(lines)
}

async fn sync(shop: &Shop, provider: &str) -> Result<Vec<String>, TemplatesError> {
    let count = shop.templates().sync(Some(provider)).await?;
    Ok(vec![format!("{provider} has {count} templates of this shop.")])
}
