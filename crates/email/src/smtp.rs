//! Sending by SMTP, always encrypted: TLS from the start (`smtps`) or by `STARTTLS`, which is
//! required and never skipped. Only a server on this machine may be asked without.

use std::time::Duration;

use domain::Secret;
use futures::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{AsyncSmtpTransportBuilder, Error},
};

use crate::{Email, Mailer, SendError, Sender};

/// How long connecting to the server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long sending one e-mail may take in all. The time-out of `lettre` ends a connection that
/// is not made, and none of a server that is silent afterwards.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// The address of an SMTP server with its credentials, such as
/// `smtps://user:password@mail.example.com` or `smtp://mail.example.com?tls=required`.
#[derive(Clone, Debug)]
pub struct SmtpUrl(Secret<String>);

impl SmtpUrl {
    /// Reads a setting.
    ///
    /// # Errors
    /// What is wrong with it, without the value, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err("is no URL of an SMTP server".to_owned());
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
        let is_safe = match (scheme, query) {
            ("smtps", "") | ("smtp", "tls=required") => true,
            ("smtp", "") => is_this_machine(host),
            ("smtps" | "smtp", _) => false,
            _ => return Err("begins with neither `smtps://` nor `smtp://`".to_owned()),
        };
        if !is_safe {
            return Err("sends passwords and e-mails without encryption".to_owned());
        }
        let url = Self(Secret::new(text.to_owned()));
        url.builder().map_err(|_| "is no URL of an SMTP server".to_owned())?;
        Ok(url)
    }

    fn builder(&self) -> Result<AsyncSmtpTransportBuilder, Error> {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(self.0.expose())
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split([':', '/']).next().unwrap_or_default(),
    };
    matches!(name, "localhost" | "127.0.0.1" | "::1")
}

/// Sends e-mails by SMTP.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

impl Smtp {
    /// A connection is made for each e-mail. Fails if the URL names no server.
    pub fn new(url: &SmtpUrl, sender: Sender) -> Result<Self, SendError> {
        let builder = url.builder().map_err(|error| SendError::Refused(error.to_string()))?;
        Ok(Self { transport: builder.timeout(Some(CONNECT_TIMEOUT)).build(), sender })
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, email: &'a Email) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            let message = self.sender.write(email)?;
            match tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(meaning_of(&error)),
                Err(_) => Err(SendError::Retry("the server did not answer in time".to_owned())),
            }
        })
    }
}

/// The words of the server are left out, because they may repeat the recipient.
fn meaning_of(error: &Error) -> SendError {
    match error.status() {
        Some(code) if error.is_permanent() => {
            SendError::Refused(format!("the server answered {code}"))
        }
        Some(code) => SendError::Retry(format!("the server answered {code}")),
        None if error.is_tls() => SendError::Retry("the connection is not secure".to_owned()),
        // For example, the server offers no encryption or no way to sign in.
        None if error.is_client() => {
            SendError::Retry("the server lacks what is required of it".to_owned())
        }
        None => SendError::Retry("the server was not reached".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x119_an_smtp_server_is_asked_with_encryption_or_on_this_machine() {
        for url in [
            "smtps://mail.example.com",
            "smtps://user:p%40ss@mail.example.com:465",
            "smtp://mail.example.com?tls=required",
            "smtp://user:pass@mail.example.com:587?tls=required",
            "smtp://localhost:1025",
            "smtp://127.0.0.1:25",
            "smtp://[::1]:25",
            "smtp://user:pass@localhost",
        ] {
            assert!(SmtpUrl::parse(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "mail.example.com",
            "https://mail.example.com",
            "smtp://mail.example.com",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://localhost?tls=opportunistic",
            "smtp://localhost@mail.example.com",
            "smtp://localhost.example.com",
            "smtp://127.0.0.1.example.com:25",
            "smtps://",
            "smtps://mail.example.com?tls=none",
            "smtp://user:pa/ss@mail.example.com?tls=no",
        ] {
            assert!(SmtpUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn x114_an_smtp_url_is_not_printed() {
        let url = SmtpUrl::parse("smtps://user:hunter2@mail.example.com").unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
        let refused = SmtpUrl::parse("smtp://user:hunter2@mail.example.com").unwrap_err();
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}
