//! Asking for a code: limits, the challenge and its message, in the caller's own
//! transaction, so that all of it happens with what caused it or not at all.

use domain::{
    AccountId, ChallengeId, Channel, Language, MessageId, MessageKind, OrderId, PhoneNumber,
    Purpose, Timestamp, phone,
};
use std::time::Duration;
use store::{Challenge, ChallengeMethod, Connection, NewMessage, Recipient};

use super::Binding;
use crate::{ClientAddress, Fault, Result, Shop, Visitor, limits::Send};

/// How long a notice is worth sending.
const NOTICE_LIFE: Duration = Duration::from_secs(60 * 60);

/// A code to ask for.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is: an account, one that is to be, or a random id for a decoy.
    pub account: AccountId,
    /// Where it goes.
    pub to: Recipient,
    /// The keyed name of what a stranger typed, by which alone a stranger may be
    /// refused; `None` if whoever asks is signed in, and may be told everything.
    pub requested_identifier: Option<String>,
    /// What else it is bound to.
    pub binding: Binding,
    /// The order it confirms.
    pub order: Option<OrderId>,
    /// Whether the phone was verified before; such sends need no budget. A decoy
    /// says what the real thing would.
    pub is_verified_phone: bool,
}

/// Asks for codes on behalf of one visitor, inside a transaction. After the
/// commit, `shop.delivery().wake()` sends them at once.
///
/// Where a transaction both notifies and issues, notify first: both count what
/// they send, and on PostgreSQL everybody must count in the same order.
#[derive(Clone)]
pub struct Issuer {
    pub(super) shop: Shop,
    pub(super) browser_digest: String,
    pub(super) address: ClientAddress,
    /// The visitor's language: of codes, which the visitor asked for.
    language: Language,
    hides_digits: bool,
}

impl Issuer {
    pub(super) fn new(shop: Shop, visitor: &Visitor) -> Self {
        Self {
            shop,
            browser_digest: visitor.browser.digest(),
            address: visitor.address.clone(),
            language: visitor.language,
            hides_digits: false,
        }
    }

    /// Shows no digit of the number on the code's page: for whoever did not type it
    /// and may not know even the last two. Digits of a decoy would be of no
    /// number, and give the decoy away to whoever knows the real one.
    pub fn without_digits(self) -> Self {
        Self { hides_digits: true, ..self }
    }

    /// Asks for a code. Refuses if a limit is reached, for decoys alike; the
    /// caller's transaction must then be undone. If it is a limit that a stranger
    /// must not know of, the code becomes a decoy.
    pub async fn issue(&self, tx: &mut Connection, request: &CodeRequest) -> Result<()> {
        let now = self.shop.clock().now();
        let send = Send {
            to: &request.to,
            requested_identifier: request.requested_identifier.as_deref(),
            address: &self.address,
            is_verified_phone: request.is_verified_phone,
        };
        let mut challenge = self.challenge(request, now)?;
        if !self.may_send(tx, &send, now).await? {
            // Whoever uses up a phone's limits must not end the code its owner has. At
            // registration and a change of phone the account is that of whoever asks.
            if request.purpose != Purpose::Phone {
                challenge.account = AccountId::from_bits(self.shop.entropy().bits()?);
            }
            challenge.to = challenge.to.into_decoy();
        }
        tx.challenges()
            .revoke_older(request.purpose, &challenge.account, &self.browser_digest, now)
            .await?;
        tx.challenges().insert(&challenge).await?;
        self.send_code(tx, &challenge, Channel::WhatsApp, now).await
    }

    /// Counts a send. Refuses if a limit is reached; false if that must not be known.
    pub(super) async fn may_send(
        &self,
        tx: &mut Connection,
        send: &Send<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let limits = self.shop.limits();
        let is_counted = limits.count_send(tx, send, now).await?;
        let is_stranger = send.requested_identifier.is_some();
        let is_open = self.is_open(tx, &limits.subject(send.to)?, is_stranger, now).await?;
        Ok(is_counted && is_open)
    }

    /// Tells an account's owner something, in the owner's language, whoever is the
    /// cause. Beyond the phone's limits it is left out in silence, because nobody
    /// asked for it.
    pub async fn notify(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        phone: &PhoneNumber,
        kind: MessageKind,
    ) -> Result<()> {
        let to = Recipient::Phone(phone.clone());
        self.try_notify(tx, account, &to, kind).await.map(drop)
    }

    /// The same, for whoever tries again later; false if it was left out. To a decoy
    /// it does the same work for nothing, and so it does if it is left out.
    pub(crate) async fn try_notify(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        to: &Recipient,
        kind: MessageKind,
    ) -> Result<bool> {
        let now = self.shop.clock().now();
        let has_room = self.shop.limits().may_notify(tx, to, now).await?;
        let owner = tx.accounts().find(account).await?;
        let message = NewMessage {
            id: MessageId::from_bits(self.shop.entropy().bits()?),
            kind,
            channel: Channel::WhatsApp,
            language: owner.map(|owner| owner.language).unwrap_or_default(),
            to: if has_room { to.clone() } else { to.clone().into_decoy() },
            account: Some(account.clone()),
            challenge: None,
            created_at: now,
            expires_at: now + NOTICE_LIFE,
        };
        tx.messages().insert(&message).await?;
        Ok(has_room)
    }

    fn challenge(&self, request: &CodeRequest, now: Timestamp) -> Result<Challenge> {
        let settings = self.shop.settings();
        let key = settings.keys.signing().ok_or(Fault::Broken("keys"))?;
        Ok(Challenge {
            id: ChallengeId::from_bits(self.shop.entropy().bits()?),
            purpose: request.purpose,
            method: ChallengeMethod::Message,
            account: request.account.clone(),
            to: request.to.clone(),
            requested_identifier: request.requested_identifier.clone(),
            masked_phone: self.mask(&request.to),
            is_verified_phone: request.is_verified_phone,
            browser_digest: self.browser_digest.clone(),
            binding_digest: request.binding.as_str().to_owned(),
            order: request.order.clone(),
            key_id: key.id.clone(),
            nonce: format!("{:032x}", self.shop.entropy().bits()?),
            attempts: 0,
            sends: 1,
            resend_after_at: now + settings.policy.resend_cooldown,
            created_at: now,
            expires_at: now + settings.policy.life_of(request.purpose),
            consumed_at: None,
            revoked_at: None,
        })
    }

    fn mask(&self, to: &Recipient) -> String {
        match to {
            Recipient::Phone(number) | Recipient::DecoyPhone(number) if !self.hides_digits => {
                number.masked()
            }
            _ => phone::mask("••"),
        }
    }

    /// Puts the message with the code of a challenge in the outbox.
    pub(super) async fn send_code(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        channel: Channel,
        now: Timestamp,
    ) -> Result<()> {
        let message = NewMessage {
            id: MessageId::from_bits(self.shop.entropy().bits()?),
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
}
