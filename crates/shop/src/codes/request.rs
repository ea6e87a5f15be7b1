//! Asking for a code: limits, the challenge and its message, in the caller's own
//! transaction, so that all of it happens with what caused it or not at all.

use std::time::Duration;

use domain::{
    AccountId, ChallengeId, ChallengeState, Channel, Language, MessageId, MessageKind, OrderId,
    PhoneNumber, Purpose, Refusal, Timestamp,
};
use store::{Account, Challenge, ChallengeMethod, Connection, NewMessage, Recipient};

use super::{Binding, Codes, KeyRing, Policy};
use crate::{
    audit::Audit,
    clock::Clock,
    emails::EmailOutbox,
    entropy::Entropy,
    error::{Fault, Result},
    limits::{Limits, Send, Share, may_hold},
    visitor::{ClientAddress, Visitor},
};

/// After this time a notice is no longer sent.
const NOTICE_TTL: Duration = Duration::from_secs(60 * 60);

/// A code to ask for.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is: an account, one that is to be, or a random id for a decoy.
    pub account: AccountId,
    /// Where it goes.
    pub to: Recipient,
    /// The keyed name of the identifier that an anonymous visitor typed, under which alone
    /// such a visitor may be refused; `None` for a visitor who has proved who they are.
    pub requested_identifier: Option<String>,
    /// What else it is bound to.
    pub binding: Binding,
    /// The order it confirms.
    pub order: Option<OrderId>,
    /// Whether the phone was verified before; such sends need no budget. A decoy
    /// says what the real request would.
    pub is_verified_phone: bool,
}

impl CodeRequest {
    /// A code to the verified phone of an account, for a visitor who has proved to be its
    /// owner.
    pub fn to_account(purpose: Purpose, account: Account) -> Self {
        Self {
            purpose,
            account: account.id,
            to: Recipient::Phone(account.phone),
            requested_identifier: None,
            binding: Binding::none(),
            order: None,
            is_verified_phone: true,
        }
    }
}

/// Asks for codes on behalf of one visitor, inside a transaction. After the
/// commit, `OutboxSignal::wake` sends them at once.
///
/// Where a transaction both notifies and issues, notify first: both count what they send,
/// and PostgreSQL transactions that count in different orders can deadlock.
#[derive(Clone)]
pub struct Issuer {
    pub(super) limits: Limits,
    pub(super) policy: Policy,
    pub(super) keys: KeyRing,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) audit: Audit,
    emails: EmailOutbox,
    pub(super) browser_digest: String,
    /// Whether the browser keeps its secret, without which it could answer no code.
    pub(super) has_cookie: bool,
    pub(super) address: ClientAddress,
    /// The visitor's language: that of codes, which the visitor asked for.
    pub(super) language: Language,
    pub(super) hides_digits: bool,
}

impl Codes {
    /// Issues codes to this visitor, inside a transaction.
    pub fn issuer(&self, visitor: &Visitor) -> Issuer {
        Issuer {
            limits: self.limits.clone(),
            policy: self.policy.clone(),
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            audit: self.audit.clone(),
            emails: self.emails.clone(),
            browser_digest: visitor.browser.digest(),
            has_cookie: visitor.require_cookie().is_ok(),
            address: visitor.address.clone(),
            language: visitor.language,
            hides_digits: false,
        }
    }
}

impl Issuer {
    /// Shows no digit of the number on the code's page, for a visitor who did not type the
    /// number and may not know even the last two digits. Digits of a decoy would
    /// belong to no number, and reveal the decoy to a visitor who knows the real one.
    pub fn without_digits(self) -> Self {
        Self { hides_digits: true, ..self }
    }

    /// The digest of the secret of the visitor's browser.
    pub(crate) fn browser_digest(&self) -> &str {
        &self.browser_digest
    }

    /// Asks for a code. A form that is posted twice, or once more before the code may be sent
    /// again, leads to the challenge that its browser has: one challenge, and one message.
    ///
    /// Refuses if a limit is reached, for decoys alike; the caller's transaction must then be
    /// undone. If it is a limit that an anonymous visitor must not learn of, the challenge
    /// becomes a decoy.
    pub async fn issue(&self, tx: &mut Connection, request: &CodeRequest) -> Result<()> {
        if !self.has_cookie {
            return Err(Refusal::CookieNeeded.into());
        }
        let now = self.clock.now();
        let newest = self.newest(tx, request.purpose).await?;
        if newest.is_some_and(|challenge| self.is_repeated(request, &challenge, now)) {
            return Ok(());
        }
        tx.challenges().revoke_older(request.purpose, &self.browser_digest, now).await?;
        let mut challenge = self.challenge(request, now)?;
        challenge.is_known_browser = self.is_known_browser(tx, &challenge, now).await?;
        let may_send = self.may_send(tx, &challenge, now).await?;
        if !(self.may_begin(tx, &challenge, now).await? && may_send) {
            // At registration and for a new phone the account is the visitor's own.
            if request.purpose != Purpose::Phone {
                challenge.account = AccountId::from_bits(self.entropy.bits()?);
            }
            challenge.to = challenge.to.into_decoy();
        }
        tx.challenges().insert(&challenge).await?;
        self.send_code(tx, &challenge, Channel::WhatsApp, now).await
    }

    /// This browser's newest challenge of a purpose. Until the transaction ends, no other
    /// request of the browser asks for or answers a code of this purpose.
    pub(crate) async fn newest(
        &self,
        tx: &mut Connection,
        purpose: Purpose,
    ) -> Result<Option<Challenge>> {
        tx.challenges().take_turn(&self.browser_digest, purpose).await?;
        Ok(tx.challenges().find_newest(&self.browser_digest, purpose).await?)
    }

    /// Notes where an order is placed, and refuses it if too many others of its origin hold stock.
    pub(crate) async fn note_origin(
        &self,
        tx: &mut Connection,
        order: &OrderId,
        to: &Recipient,
    ) -> Result<()> {
        let now = self.clock.now();
        let origin = self.limits.origin(order, &self.browser_digest, &self.address, to)?;
        tx.order_origins().note(&origin, now).await?;
        may_hold(tx, order, now).await
    }

    /// Whether a challenge is live, was sent less than a cooldown ago, and is what this request
    /// asks for. At a password reset and an order look-up the typed identifier decides, because each decoy has an
    /// account of its own.
    pub(crate) fn is_repeated(
        &self,
        request: &CodeRequest,
        challenge: &Challenge,
        now: Timestamp,
    ) -> bool {
        let is_same_account = matches!(request.purpose, Purpose::Reset | Purpose::OrderLookup)
            || challenge.account == request.account;
        is_same_account
            && challenge.method == ChallengeMethod::Message
            && challenge.requested_identifier == request.requested_identifier
            && challenge.binding_digest == request.binding.as_str()
            && challenge.order == request.order
            && challenge.state(self.policy.attempts, now) == ChallengeState::Live
            && self.policy.cooldown_left(challenge.resend_after_at, now) > 0
    }

    /// Counts a send of a challenge's code. Refuses if a limit is reached; returns false if the
    /// visitor must not learn of that.
    pub(super) async fn may_send(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<bool> {
        self.ensure_open(tx, challenge, now).await?;
        let is_unknown = !challenge.is_known_browser;
        let send = Send {
            to: &challenge.to,
            requested_identifier: challenge.requested_identifier.as_deref().filter(|_| is_unknown),
            share: match challenge.purpose {
                Purpose::Reset | Purpose::OrderLookup if is_unknown => Share::UnknownBrowser,
                _ => Share::All,
            },
            address: &self.address,
            browser_digest: &self.browser_digest,
            is_verified_phone: challenge.is_verified_phone,
        };
        self.limits.count_send(tx, &send, now).await
    }

    /// Sends a notice to an account's owner, in the owner's language, to the phone and to the
    /// e-mail address if that is confirmed. Beyond the phone's limits it goes by e-mail alone,
    /// without a refusal, because the visitor did not ask for it.
    pub async fn notify(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        phone: &PhoneNumber,
        kind: MessageKind,
    ) -> Result<()> {
        let to = Recipient::Phone(phone.clone());
        self.try_notify(tx, account, &to, kind).await?;
        self.emails.notify(tx, account, kind).await
    }

    /// The same, for a caller that tries again later; returns false if the notice was left
    /// out. For a decoy, and for a notice that is left out, it does the same work.
    pub(crate) async fn try_notify(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        to: &Recipient,
        kind: MessageKind,
    ) -> Result<bool> {
        let now = self.clock.now();
        let is_allowed = self.limits.may_notify(tx, to, kind, now).await?;
        let owner = tx.accounts().find(account).await?;
        let message = NewMessage {
            id: MessageId::from_bits(self.entropy.bits()?),
            kind,
            channel: Channel::WhatsApp,
            language: owner.map(|owner| owner.language).unwrap_or_default(),
            to: if is_allowed { to.clone() } else { to.clone().into_decoy() },
            account: Some(account.clone()),
            challenge: None,
            created_at: now,
            expires_at: now + NOTICE_TTL,
        };
        tx.messages().insert(&message).await?;
        Ok(is_allowed)
    }

    pub(super) fn challenge(&self, request: &CodeRequest, now: Timestamp) -> Result<Challenge> {
        let key = self.keys.signing().ok_or(Fault::Broken("keys"))?;
        Ok(Challenge {
            id: ChallengeId::from_bits(self.entropy.bits()?),
            purpose: request.purpose,
            method: ChallengeMethod::Message,
            account: request.account.clone(),
            to: request.to.clone(),
            requested_identifier: request.requested_identifier.clone(),
            masked_phone: self.mask(&request.to),
            is_verified_phone: request.is_verified_phone,
            browser_digest: self.browser_digest.clone(),
            is_known_browser: false,
            binding_digest: request.binding.as_str().to_owned(),
            order: request.order.clone(),
            key_id: key.id.clone(),
            nonce: format!("{:032x}", self.entropy.bits()?),
            attempts: 0,
            sends: 1,
            resend_after_at: now + self.policy.resend_cooldown,
            created_at: now,
            expires_at: now + self.policy.code_ttl_for(request.purpose),
            consumed_at: None,
            revoked_at: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use store::transaction;

    use super::*;
    use crate::{
        audit::AuditBuffer, keys::tests::ring, outbox::OutboxSignal, visitor::BrowserSecret,
    };

    /// Codes on a new database, at a stopped clock, without a provider.
    async fn codes(file: &std::path::Path) -> Codes {
        let db = test_support::open(&test_support::new_sqlite_database(file).await).await;
        let clock = Clock::stopped_at(Timestamp::from_millis(1_767_225_600_000));
        let (entropy, keys) = (Entropy::seeded(1), ring(&[("first", 1)]));
        let policy = Policy::default();
        Codes {
            limits: Limits::new(policy.clone(), keys.clone()),
            audit: Audit {
                db: db.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                buffer: AuditBuffer::default(),
            },
            emails: EmailOutbox {
                is_on: false,
                clock: clock.clone(),
                entropy: entropy.clone(),
                keys: keys.clone(),
            },
            outbox: OutboxSignal::default(),
            providers: Vec::new().into(),
            db,
            clock,
            entropy,
            policy,
            keys,
        }
    }

    fn visitor() -> Visitor {
        Visitor {
            browser: BrowserSecret::from_bits(1),
            address: ClientAddress::of("192.0.2.1".parse().unwrap()),
            user_agent: String::new(),
            language: Language::English,
            signed_in: None,
        }
    }

    #[tokio::test]
    async fn an_issuer_is_built_without_a_shop_and_issues_a_live_challenge() {
        let folder = tempfile::tempdir().unwrap();
        let codes = codes(&folder.path().join("shop.db")).await;
        let request = CodeRequest {
            purpose: Purpose::Login,
            account: AccountId::from_bits(1),
            to: Recipient::Phone(PhoneNumber::from_e164("+447700900001").unwrap()),
            requested_identifier: None,
            binding: Binding::none(),
            order: None,
            is_verified_phone: true,
        };
        let issuer = codes.issuer(&visitor());
        transaction!(codes.db, |tx| issuer.issue(tx, &request).await).await.unwrap();
        let view = codes.status(&visitor(), Purpose::Login).await.unwrap().unwrap();
        assert!(view.is_live());
        assert_eq!(view.expires_in_seconds, 600);
    }
}
