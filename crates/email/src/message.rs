//! An e-mail in the format of the Internet (RFC 5322).

use std::time::{Duration, UNIX_EPOCH};

use domain::EmailAddress;
use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};

use crate::{Email, SendError};

/// The sender of all e-mails.
#[derive(Clone, Debug)]
pub struct Sender {
    mailbox: Mailbox,
}

impl Sender {
    /// The shop under this address; `None` if mail programs would refuse the address.
    pub fn new(shop_name: &str, address: &EmailAddress) -> Option<Self> {
        let address: Address = address.as_str().parse().ok()?;
        Some(Self { mailbox: Mailbox::new(Some(shop_name.to_owned()), address) })
    }

    /// Writes an e-mail. Fails if the address cannot be a recipient.
    pub(crate) fn write(&self, email: &Email) -> Result<Message, SendError> {
        let unusable = |_| SendError::Refused("the address cannot be a recipient".to_owned());
        let to: Address = email.to.as_str().parse().map_err(unusable)?;
        let millis = u64::try_from(email.at.as_millis()).unwrap_or_default();
        let id = format!("<{}@{}>", email.id, self.mailbox.email.domain());
        Message::builder()
            .from(self.mailbox.clone())
            .to(Mailbox::new(None, to))
            .subject(email.text.subject.clone())
            .message_id(Some(id))
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(email.text.body.clone())
            .map_err(|error| SendError::Refused(error.to_string()))
    }
}

/// Says that a program wrote the e-mail, so that no out-of-office note answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
