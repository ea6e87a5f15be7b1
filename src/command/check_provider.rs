//! `marigold check-provider`: one line for each thing looked at.

use std::io::{self, Write};

use anyhow::bail;
use shop::{
    check::{Report, check},
    providers::ProviderContext,
    templates::Templates,
};

/// Checks one provider or all, and returns whether every check passed.
pub async fn run(
    templates: &Templates,
    context: &ProviderContext,
    only: Option<&str>,
) -> anyhow::Result<bool> {
    let reports = check(templates, context, only).await?;
    if reports.is_empty() {
        bail!("{} is not in MARIGOLD_PROVIDERS", only.unwrap_or("a provider"));
    }
    Ok(print(&reports, &mut io::stdout().lock())?)
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
