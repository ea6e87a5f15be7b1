//! `marigold templates`: submits the message templates and prints their status.

use std::io::{self, Write};

use clap::Subcommand;
use shop::{
    providers::TemplateStatus,
    templates::{self, Submission, TemplateView},
};

/// The actions on templates.
#[derive(Subcommand)]
pub enum Templates {
    /// Submit every template that the shop needs for approval.
    Submit {
        /// One of MARIGOLD_PROVIDERS; without it, all that have templates.
        provider: Option<String>,
    },
    /// Print their status as it was last reported.
    Status {
        /// One of MARIGOLD_PROVIDERS; without it, all that have templates.
        provider: Option<String>,
    },
    /// Get their status from the providers, and print it.
    Sync {
        /// One of MARIGOLD_PROVIDERS; without it, all that have templates.
        provider: Option<String>,
    },
}

/// Runs the action, and returns whether nothing is left to do.
pub async fn run(templates: &templates::Templates, what: &Templates) -> anyhow::Result<bool> {
    let mut out = io::stdout().lock();
    match what {
        Templates::Submit { provider } => {
            let mut is_good = true;
            let all = || templates.managed_providers().collect();
            for provider in provider.as_deref().map_or_else(all, |only| vec![only]) {
                let submissions = templates.submit_all(provider).await?;
                is_good &= print_submissions(provider, &submissions, &mut out)?;
            }
            Ok(is_good)
        }
        Templates::Status { provider } => status(templates, provider.as_deref(), &mut out).await,
        Templates::Sync { provider } => {
            templates.sync(provider.as_deref()).await?;
            status(templates, provider.as_deref(), &mut out).await
        }
    }
}

async fn status(
    templates: &templates::Templates,
    only: Option<&str>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let mut states = templates.states().await?;
    states.retain(|template| only.is_none_or(|only| only == template.provider));
    Ok(print_states(&states, out)?)
}

/// Writes lines under heads, each column as wide as its widest cell.
fn print_table<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lines = vec![heads.map(str::to_owned)];
    lines.extend(rows);
    let mut widths = [0; COLUMNS];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// Writes the status of templates, and returns whether all may be sent.
pub fn print_states(templates: &[TemplateView], out: &mut impl Write) -> io::Result<bool> {
    if templates.is_empty() {
        writeln!(out, "No provider in MARIGOLD_PROVIDERS has templates.")?;
        return Ok(true);
    }
    let rows = templates.iter().map(|template| {
        [
            template.provider.to_owned(),
            template.name.clone(),
            template.language.as_str().to_owned(),
            template.status.map_or("unknown", TemplateStatus::as_str).to_owned(),
            template.problem.clone().unwrap_or_default(),
        ]
    });
    let heads = ["PROVIDER", "TEMPLATE", "LANGUAGE", "STATUS", "WHAT TO DO"];
    print_table(heads, rows.collect(), out)?;
    let approved = templates.iter().filter(|template| template.problem.is_none()).count();
    writeln!(out, "\n{approved} of {} can be sent.", templates.len())?;
    Ok(approved == templates.len())
}

/// Writes the results of a submission, and returns whether all were accepted.
pub fn print_submissions(
    provider: &str,
    submissions: &[Submission],
    out: &mut impl Write,
) -> io::Result<bool> {
    let rows = submissions.iter().map(|submission| {
        let (status, problem) = match &submission.outcome {
            Ok(status) => (status.as_str(), String::new()),
            Err(error) => ("not taken", error.to_string()),
        };
        [
            provider.to_owned(),
            submission.name.clone(),
            submission.language.as_str().to_owned(),
            status.to_owned(),
            problem,
        ]
    });
    print_table(["PROVIDER", "TEMPLATE", "LANGUAGE", "STATUS", "WHY NOT"], rows.collect(), out)?;
    let taken = submissions.iter().filter(|submission| submission.outcome.is_ok()).count();
    writeln!(out, "\n{taken} of {} were taken.", submissions.len())?;
    Ok(taken == submissions.len())
}

#[cfg(test)]
mod tests {
    use domain::{Language, MessageKind, Purpose};
    use shop::providers::TemplateError;

    use super::*;

    fn template(language: Language, status: Option<TemplateStatus>) -> TemplateView {
        let is_good = status == Some(TemplateStatus::Approved);
        TemplateView {
            provider: "meta",
            name: "marigold_login_code".into(),
            kind: MessageKind::Code(Purpose::Login),
            language,
            status,
            reason: None,
            minutes: None,
            is_expiry_right: true,
            problem: (!is_good).then(|| "run it".into()),
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_template() {
        let templates = [
            template(Language::English, Some(TemplateStatus::Approved)),
            template(Language::Portuguese, None),
        ];
        let mut out = Vec::new();
        assert!(!print_states(&templates, &mut out).unwrap());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "PROVIDER  TEMPLATE             LANGUAGE  STATUS    WHAT TO DO\n\
             meta      marigold_login_code  en        approved\n\
             meta      marigold_login_code  pt_BR     unknown   run it\n\
             \n1 of 2 can be sent.\n"
        );
    }

    #[test]
    fn a_refused_submission_prints_its_reason() {
        let submissions = [Submission {
            name: "marigold_login_code".into(),
            language: Language::German,
            outcome: Err(TemplateError::Unreachable),
        }];
        let mut out = Vec::new();
        assert!(!print_submissions("meta", &submissions, &mut out).unwrap());
        let said = String::from_utf8(out).unwrap();
        assert!(said.contains("not taken  the provider was not reached"), "{said}");
        assert!(said.ends_with("0 of 1 were taken.\n"), "{said}");
    }
}
