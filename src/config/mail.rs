//! The mail server, by which owners of accounts get notices.

use domain::EmailAddress;
use email::{Sender, SmtpUrl};

use super::reader::SettingsReader;

/// The setting of the server.
const SMTP_URL: &str = "MARIGOLD_SMTP_URL";
/// The setting of the sender.
const MAIL_FROM: &str = "MARIGOLD_MAIL_FROM";
/// The sender of the demo, and the example of both settings.
const EXAMPLE_FROM: &str = "shop@shop.example";
const EXAMPLE_URL: &str = "smtps://user:password@mail.shop.example";

/// Where e-mails go.
#[derive(Clone, Debug)]
pub enum Mail {
    /// Nowhere: the shop sends none, and its pages promise none.
    Off,
    /// Into the mailbox of the demo.
    Demo(Sender),
    /// To a server.
    Smtp(SmtpUrl, Sender),
}

/// Reads both settings. Without them the demo has a mailbox of its own, and production sends no
/// e-mail.
pub fn read(
    reader: &mut SettingsReader,
    is_production: bool,
    shop_name: Option<&str>,
) -> Option<Mail> {
    reader.begin_group("E-mail");
    let url = reader.raw(SMTP_URL).map(|text| SmtpUrl::parse(&text));
    let from = reader.raw(MAIL_FROM);
    let is_on = url.is_some();
    let url = match url.transpose() {
        Ok(url) => url,
        Err(problem) => {
            reader.refuse(SMTP_URL, problem, EXAMPLE_URL);
            return None;
        }
    };
    if is_on && from.is_none() {
        let problem = format!("is not set, and {SMTP_URL} is: e-mails need a sender");
        reader.refuse(MAIL_FROM, problem, EXAMPLE_FROM);
        return None;
    }
    if from.is_some() && !is_on && is_production {
        let problem = format!("is not set, and {MAIL_FROM} is: no e-mail would be sent");
        reader.refuse(SMTP_URL, problem, EXAMPLE_URL);
        return None;
    }
    let from = from.unwrap_or_else(|| EXAMPLE_FROM.to_owned());
    let address = EmailAddress::parse(&from);
    let sender = address.and_then(|address| Sender::new(shop_name.unwrap_or_default(), &address));
    let Some(sender) = sender else {
        reader.refuse(MAIL_FROM, "is no e-mail address", EXAMPLE_FROM);
        return None;
    };
    Some(match url {
        Some(url) => Mail::Smtp(url, sender),
        None if is_production => Mail::Off,
        None => Mail::Demo(sender),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const URL: &str = "smtps://shop:hunter2@mail.example.com";

    /// What becomes of these settings: a word for where e-mails go, or the error.
    fn outcome(is_production: bool, url: &str, from: &str) -> String {
        let variables = [(SMTP_URL, url), (MAIL_FROM, from)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut reader = SettingsReader::new(BTreeMap::from(variables).into());
        let mail = read(&mut reader, is_production, Some("Marigold"));
        match reader.finish(|_| mail) {
            Ok(Mail::Off) => "off".to_owned(),
            Ok(Mail::Demo(_)) => "demo".to_owned(),
            Ok(Mail::Smtp(..)) => "smtp".to_owned(),
            Err(errors) => errors.to_string(),
        }
    }

    #[test]
    fn emails_go_to_the_server_or_the_mailbox_of_the_demo_or_nowhere() {
        assert_eq!(outcome(false, "", ""), "demo");
        assert_eq!(outcome(false, "", "shop@example.com"), "demo");
        assert_eq!(outcome(true, "", ""), "off");
        assert_eq!(outcome(false, URL, "shop@example.com"), "smtp");
        assert_eq!(outcome(true, URL, "shop@example.com"), "smtp");
        assert_eq!(outcome(false, "smtp://127.0.0.1:1025", "shop@example.com"), "smtp");
    }

    #[test]
    fn settings_of_e_mail_that_cannot_work_are_refused_without_the_password() {
        for (url, from, name) in [
            (URL, "", MAIL_FROM),
            ("", "shop@example.com", SMTP_URL),
            (URL, "Marigold", MAIL_FROM),
            ("smtp://shop:hunter2@mail.example.com", "shop@example.com", SMTP_URL),
            ("https://shop:hunter2@mail.example.com", "shop@example.com", SMTP_URL),
            ("mail.example.com", "shop@example.com", SMTP_URL),
        ] {
            let said = outcome(true, url, from);
            let problem = format!("{name} ");
            assert!(said.contains(&problem) && said.contains("For example"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
