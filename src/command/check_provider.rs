//! `marigold check-provider`: one line for each thing looked at.

use std::io::{self, Write};

use anyhow::{Context, bail};
use marigold::config::{Config, gateways::Gateway};
use payment::stripe::{CheckContext, Settings, Stripe};
use shop::{
    check::{Report, check},
    providers::CheckResult,
    templates::Templates,
};

use super::refused_calls;

/// Checks one provider or gateway, or all, and returns whether every check passed. The shop that
/// runs with this operations address tells which calls of the providers it has refused.
pub async fn run(
    templates: &Templates,
    config: &Config,
    only: Option<&str>,
) -> anyhow::Result<bool> {
    let common = &config.providers.common;
    let mut reports = check(templates, common, only).await?;
    refused_calls::add_findings(common, config.operations_address, &mut reports).await;
    for gateway in &config.gateways.list {
        let is_asked = only.is_none_or(|only| only == gateway.name().as_str());
        if let Gateway::Stripe(settings) = gateway
            && is_asked
        {
            reports.push(check_stripe(settings, config).await?);
        }
    }
    if reports.is_empty() {
        let name = only.unwrap_or("a provider");
        bail!("{name} is in neither MARIGOLD_PROVIDERS nor MARIGOLD_GATEWAYS, or needs no check");
    }
    Ok(print(&reports, &mut io::stdout().lock())?)
}

async fn check_stripe(settings: &Settings, config: &Config) -> anyhow::Result<Report> {
    let common = &config.providers.common;
    let stripe = Stripe::new(settings.clone(), common.now.clone()).context("Stripe")?;
    let context =
        CheckContext { public_url: &common.public_url, currency: config.settings.currency };
    let results = stripe.check(&context).await.into_iter();
    let findings = results
        .map(|line| CheckResult { subject: line.subject.to_owned(), outcome: line.outcome })
        .collect();
    Ok(Report { provider: payment::stripe::NAME.as_str(), findings })
}

/// Writes the lines, and returns whether every check passed.
pub fn print(reports: &[Report], out: &mut impl Write) -> io::Result<bool> {
    let mut wrong = 0;
    for report in reports {
        for finding in &report.findings {
            let (word, detail) = match &finding.outcome {
                Ok(detail) => ("ok    ", detail),
                Err(advice) => {
                    wrong += 1;
                    ("change", advice)
                }
            };
            let colon = if detail.is_empty() { "" } else { ": " };
            writeln!(out, "{word} {} {}{colon}{detail}", report.provider, finding.subject)?;
        }
    }
    match wrong {
        0 => writeln!(out, "\nEverything is in order.")?,
        1 => writeln!(out, "\n1 thing to change.")?,
        _ => writeln!(out, "\n{wrong} things to change.")?,
    }
    Ok(wrong == 0)
}

#[cfg(test)]
mod tests {
    use shop::providers::CheckResult;

    use super::*;

    fn printed(outcomes: &[(&str, Result<&str, &str>)]) -> (bool, String) {
        let findings = outcomes.iter().map(|(subject, outcome)| CheckResult {
            subject: (*subject).into(),
            outcome: outcome.map(str::to_owned).map_err(str::to_owned),
        });
        let report = Report { provider: "meta", findings: findings.collect() };
        let mut out = Vec::new();
        let is_good = print(&[report], &mut out).unwrap();
        (is_good, String::from_utf8(out).unwrap())
    }

    #[test]
    fn each_finding_is_a_line_that_says_ok_or_what_to_change() {
        let (is_good, said) = printed(&[
            ("access token", Ok("never expires")),
            ("clock", Ok("")),
            ("sender number", Err("META_PHONE_NUMBER_ID is of another account")),
        ]);
        assert!(!is_good);
        assert_eq!(
            said,
            "ok     meta access token: never expires\n\
             ok     meta clock\n\
             change meta sender number: META_PHONE_NUMBER_ID is of another account\n\
             \n1 thing to change.\n"
        );
    }

    #[test]
    fn a_check_without_problems_says_so() {
        let (is_good, said) = printed(&[("access token", Ok("is valid"))]);
        assert!(is_good && said.ends_with("Everything is in order.\n"), "{said}");
    }
}
