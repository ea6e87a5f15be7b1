//! E-mails out: the trait [`Mailer`], by SMTP ([`Smtp`]) or into the mailbox of the demo
//! ([`DemoMailbox`]), and the words of the e-mails in eight languages.
//!
//! E-mails tell an owner what happened to the account. They never carry a code, and no
//! address is a factor of authentication (S-A20).

mod demo;
mod message;
mod smtp;
mod words;

use domain::{EmailAddress, EmailId, Timestamp};
use futures::future::BoxFuture;

pub use demo::{DemoMailbox, ReceivedEmail};
pub use message::Sender;
pub use smtp::{Smtp, SmtpUrl};
pub use words::{Text, confirmation, notice, withdrawal_receipt};

/// An e-mail to send.
#[derive(Clone, Debug)]
pub struct Email {
    /// The id, which is also its `Message-ID`: an e-mail that is sent twice, because the answer
    /// to the first was lost, is recognised as one by the reader's program.
    pub id: EmailId,
    /// The recipient.
    pub to: EmailAddress,
    /// Subject and body.
    pub text: Text,
    /// The time of its `Date` field.
    pub at: Timestamp,
}

/// Why an e-mail was not sent. The texts name no recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may succeed later. The server may also have accepted it without an answer.
    #[error("to be tried again: {0}")]
    Retry(String),
    /// It will not succeed.
    #[error("refused: {0}")]
    Refused(String),
}

/// Sends e-mails.
pub trait Mailer: Send + Sync {
    /// Sends an e-mail; returns once it is accepted.
    fn send<'a>(&'a self, email: &'a Email) -> BoxFuture<'a, Result<(), SendError>>;
}
