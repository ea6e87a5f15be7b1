//! `marigold check-config`: every setting in force, with its value and where it came from, and
//! what would keep the shop from starting, or is likely to be a mistake; and what the message of a
//! payment can state.

use std::io::{self, Write};

use domain::{Channel, MessageKind, Purpose};
use marigold::config::{Config, providers::Provider};

/// Prints the settings, which were checked when they were read, and then what else is wrong.
/// Returns whether the shop could start with them.
pub fn run(config: &Config) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let payments = payment_messages(&config.providers.list);
    write!(out, "{}\nMessages of payments\n{payments}", config.listing)?;
    let files = config.site.check_files();
    if files.is_ok() && config.suspicious.is_empty() {
        return Ok(true);
    }
    writeln!(out, "\nTo change")?;
    for suspicious in &config.suspicious {
        writeln!(out, "  {suspicious}")?;
    }
    if let Err(problem) = &files {
        writeln!(out, "  {problem}")?;
    }
    Ok(files.is_ok())
}

/// A line for each provider and channel that carries the codes of payments.
fn payment_messages(providers: &[Provider]) -> String {
    let mut lines = String::new();
    for provider in providers {
        for channel in Channel::ALL {
            let states_payment = match provider {
                Provider::Simulator => true,
                Provider::Real(real) if !real.carries(channel, PAYMENT) => continue,
                Provider::Real(real) => real.states_payment(channel),
            };
            let what = if states_payment { "code, amount and payee" } else { "the code alone" };
            lines += &format!("  {} by {}: {what}\n", provider.name(), channel.as_str());
        }
    }
    lines
}

/// The kind of these messages.
const PAYMENT: MessageKind = MessageKind::Code(Purpose::Payment);
