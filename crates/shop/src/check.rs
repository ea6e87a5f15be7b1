//! Checks at every provider whether messages can be sent and their status be received. Each
//! finding says "ok" or names what has to change.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::{
    providers::{CheckResult, MessageProvider, ProviderContext, TemplateStatus, self_test_webhook},
    templates::{TemplateView, Templates},
};

/// The findings at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The name of the provider.
    pub provider: &'static str,
    /// One finding for each check; never empty.
    pub findings: Vec<CheckResult>,
}

impl Report {
    /// Whether every check passed.
    pub fn is_good(&self) -> bool {
        self.findings.iter().all(|finding| finding.outcome.is_ok())
    }
}

/// Checks one provider, or all providers of the shop in parallel.
pub async fn check(
    templates: &Templates,
    context: &ProviderContext,
    only: Option<&str>,
) -> crate::Result<Vec<Report>> {
    let states = templates.states().await?;
    let mut asked: Vec<_> = templates.providers.iter().collect();
    asked.retain(|provider| only.is_none_or(|only| only == provider.name()));
    let reports = asked.into_iter().map(|provider| {
        let own = states.iter().filter(|template| template.provider == provider.name());
        check_one(provider.as_ref(), context, own.cloned().collect())
    });
    Ok(join_all(reports).await)
}

async fn check_one(
    provider: &dyn MessageProvider,
    context: &ProviderContext,
    templates: Vec<TemplateView>,
) -> Report {
    let mut findings = provider.check().await;
    findings.extend(templates_findings(provider.name(), &templates));
    findings.extend(self_test_webhook(provider, context).await);
    if findings.is_empty() {
        findings.push(finding("set-up", Ok("it needs none".into())));
    }
    Report { provider: provider.name(), findings }
}

fn finding(subject: &str, outcome: Result<String, String>) -> CheckResult {
    CheckResult { subject: subject.into(), outcome }
}

/// One finding if all templates can be sent. Otherwise one for all that are missing, one for
/// all that await approval, and one for each that is wrong.
fn templates_findings(provider: &str, templates: &[TemplateView]) -> Vec<CheckResult> {
    const SUBJECT: &str = "templates";
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for template in templates.iter().filter(|template| template.is_expiry_right) {
        *counts.entry(template.status.map(TemplateStatus::as_str)).or_default() += 1;
    }
    let count = |status: Option<TemplateStatus>| {
        counts.get(&status.map(TemplateStatus::as_str)).copied().unwrap_or_default()
    };
    let of = templates.len();
    let mut lines = Vec::new();
    match count(Some(TemplateStatus::Approved)) {
        0 => {}
        approved => lines.push(Ok(format!("{approved} of {of} are approved"))),
    }
    match count(None) {
        0 => {}
        missing => lines.push(Err(format!(
            "{missing} of {of} are not known: run `marigold templates submit {provider}`, or \
             `marigold templates sync {provider}` if they were made already"
        ))),
    }
    match count(Some(TemplateStatus::Pending)) {
        0 => {}
        pending => lines.push(Err(format!(
            "{pending} of {of} wait for approval: run `marigold templates sync {provider}` later"
        ))),
    }
    let is_wrong = |template: &&TemplateView| {
        let has_listed = matches!(
            template.status,
            None | Some(TemplateStatus::Approved | TemplateStatus::Pending)
        );
        !template.is_expiry_right || !has_listed
    };
    lines.extend(templates.iter().filter(is_wrong).filter_map(|one| one.problem.clone()).map(Err));
    lines.into_iter().map(|outcome| finding(SUBJECT, outcome)).collect()
}
