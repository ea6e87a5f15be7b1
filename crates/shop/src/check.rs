//! Whether real messages can go out and news of them come in: asked at every
//! provider, told in lines that say "ok" or exactly what to change.

use std::collections::BTreeMap;

use crate::{
    Shop,
    providers::{CheckResult, Common, TemplateStatus, prove_callbacks},
    templates::TemplateView,
};
use futures::future::join_all;

/// What was found at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub provider: &'static str,
    /// What was looked at; never empty.
    pub findings: Vec<CheckResult>,
}

impl Report {
    /// Whether nothing needs changing.
    pub fn is_good(&self) -> bool {
        self.findings.iter().all(|finding| finding.outcome.is_ok())
    }
}

/// Checks one provider, or every provider of the shop, all at the same time.
pub async fn check(shop: &Shop, common: &Common, only: Option<&str>) -> crate::Result<Vec<Report>> {
    let templates = shop.templates().states().await?;
    let providers = shop.delivery().providers().into_iter().map(|provider| provider.name);
    let asked = providers.filter(|name| only.is_none_or(|only| only == *name));
    let reports = asked.map(|name| {
        let own = templates.iter().filter(|template| template.provider == name);
        check_one(shop, common, name, own.cloned().collect())
    });
    Ok(join_all(reports).await)
}

async fn check_one(
    shop: &Shop,
    common: &Common,
    provider: &'static str,
    templates: Vec<TemplateView>,
) -> Report {
    let mut findings = Vec::new();
    if let Some(checked) = shop.delivery().provider(provider) {
        findings.extend(checked.check().await);
        findings.extend(templates_findings(provider, &templates));
        findings.extend(prove_callbacks(checked.as_ref(), common).await);
    }
    if findings.is_empty() {
        findings.push(finding("set-up", Ok("it needs none".into())));
    }
    Report { provider, findings }
}

fn finding(subject: &str, outcome: Result<String, String>) -> CheckResult {
    CheckResult { subject: subject.into(), outcome }
}

/// One line if all may be sent; otherwise one for those that are missing, one for
/// those that wait, and one for each that something is wrong with.
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
