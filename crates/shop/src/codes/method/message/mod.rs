//! The method of a code in a message: deriving and comparing the code (`derive`), sending it,
//! sending it again (`resend`) or by text message (`sms`), and the phone it went to
//! (`recipient`).

mod derive;
mod recipient;
mod resend;
mod sms;

pub use derive::Binding;
pub(crate) use derive::code;

use domain::{Channel, Code, MessageId, MessageKind, Timestamp, phone};
use store::{Challenge, Connection, NewMessage, Recipient};

use crate::{
    codes::{Issuer, KeyRing},
    error::Result,
};

/// Whether this is the code of the challenge. A decoy is derived and compared like any other
/// challenge, and never right.
pub fn is_right(keys: &KeyRing, challenge: &Challenge, answer: &Code) -> Result<bool> {
    let derived = derive::code(keys, challenge)?;
    Ok(derive::is_same(&derived, answer) & !challenge.to.is_decoy())
}

impl Issuer {
    /// Puts the message with the code of a challenge in the outbox.
    pub(in crate::codes) async fn send_code(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        channel: Channel,
        now: Timestamp,
    ) -> Result<()> {
        let message = NewMessage {
            id: MessageId::from_bits(self.entropy.bits()?),
            kind: MessageKind::Code(challenge.purpose),
            channel,
            language: self.language,
            to: challenge.to.clone(),
            account: (!challenge.to.is_decoy()).then(|| challenge.account.clone()),
            challenge: Some(challenge.id.clone()),
            created_at: now,
            expires_at: challenge.expires_at,
        };
        Ok(tx.messages().insert(&message).await?)
    }

    /// The number as the code's page shows it.
    pub(in crate::codes) fn mask(&self, to: &Recipient) -> String {
        match to {
            Recipient::Phone(number) | Recipient::DecoyPhone(number) if !self.hides_digits => {
                number.masked()
            }
            _ => phone::mask("••"),
        }
    }
}
