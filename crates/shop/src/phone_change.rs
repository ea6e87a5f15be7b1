//! A new phone needs all steps: the password, a code to the current phone (`step_up`),
//! and a code to the new one (S-S07). A trusted device shortens none of it, and each change
//! takes the whole way: it uses up the step-up.

use domain::{AccountId, Field, MessageKind, PhoneNumber, Problem, Purpose, Refusal, Timestamp};
use store::{
    Account as Row, BoxFuture, Challenge, Connection, Db, Recipient, repeatable_transaction,
};

use crate::{
    account::Account,
    audit::{Audit, Event},
    codes::{Binding, CodeRequest, Codes, Grant, Issuer, failure_subjects},
    error::Result,
    limits::Limits,
    outbox::OutboxSignal,
    phones,
    reset::end_credentials,
    settings::Settings,
    step_up::{ensure_own, is_stepped_up, spend_step_up},
    visitor::{SignedIn, Visitor},
};

/// The step of a phone change that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneChangeStage {
    /// The password, again.
    Password,
    /// The code sent to the current phone.
    StepUpCode,
    /// The new number.
    NewPhone,
    /// The code sent to the new phone.
    NewPhoneCode,
}

impl Account<'_> {
    /// Sends a code to the new number, after the step-up.
    pub async fn begin_phone_change(&self, visitor: &Visitor, phone: &str) -> Result<()> {
        let signed_in = visitor.require_signed_in()?;
        if !is_stepped_up(signed_in, self.clock) {
            return Err(Refusal::StepUpNeeded.into());
        }
        let row = self.reauthentication.account(signed_in).await?;
        let number = NewNumber {
            db: self.db,
            settings: self.settings,
            limits: self.limits,
            codes: self.codes,
            outbox: self.outbox,
        };
        number.send_code(visitor, row, phone).await
    }

    /// Takes the code from the new phone, while the step-up is fresh; it is used up. A
    /// visitor who takes longer gives password and code again, and then this code. Every
    /// other sign-in and every trusted device ends, and the old phone gets a notice.
    pub async fn verify_phone_change(&self, visitor: &Visitor, code: &str) -> Result<()> {
        let grant = PhoneChangeGrant {
            limits: self.limits.clone(),
            audit: self.audit.clone(),
            issuer: self.codes.issuer(visitor),
            signed_in: visitor.require_signed_in()?.clone(),
        };
        self.codes.verify(visitor, Purpose::Phone, code, grant).await?;
        self.outbox.wake();
        Ok(())
    }

    /// The step that is due.
    pub async fn phone_change_stage(&self, visitor: &Visitor) -> Result<PhoneChangeStage> {
        let signed_in = visitor.require_signed_in()?;
        let is_stepped_up = is_stepped_up(signed_in, self.clock);
        Ok(if is_stepped_up && self.awaits_code(visitor, signed_in, Purpose::Phone).await? {
            PhoneChangeStage::NewPhoneCode
        } else if is_stepped_up {
            PhoneChangeStage::NewPhone
        } else if self.awaits_code(visitor, signed_in, Purpose::StepUp).await? {
            PhoneChangeStage::StepUpCode
        } else {
            PhoneChangeStage::Password
        })
    }

    /// Cancels the challenge that waits for its code, so that another number, or at the step
    /// before the password, can be given.
    pub async fn start_phone_change_again(&self, visitor: &Visitor) -> Result<()> {
        match self.phone_change_stage(visitor).await? {
            PhoneChangeStage::NewPhoneCode => self.codes.cancel(visitor, Purpose::Phone).await,
            PhoneChangeStage::StepUpCode => self.codes.cancel(visitor, Purpose::StepUp).await,
            PhoneChangeStage::Password | PhoneChangeStage::NewPhone => Ok(()),
        }
    }
}

/// What it takes to send a code to the number that is to be the new one of an account.
pub(crate) struct NewNumber<'s> {
    pub(crate) db: &'s Db,
    pub(crate) settings: &'s Settings,
    pub(crate) limits: &'s Limits,
    pub(crate) codes: &'s Codes,
    pub(crate) outbox: &'s OutboxSignal,
}

impl NewNumber<'_> {
    /// Sends the code to the number as it was typed.
    pub(crate) async fn send_code(
        &self,
        visitor: &Visitor,
        account: Row,
        phone: &str,
    ) -> Result<()> {
        let phone = phones::parse(phone, self.settings)?;
        if account.phone == phone {
            return Err(Problem::Choice(Field::Phone).into());
        }
        let holder = self.db.read().await?.accounts().find_by_phone(&phone).await?;
        let request = proof_of(self.limits, account, phone, holder.is_some())?;
        let issuer = self.codes.issuer(visitor);
        repeatable_transaction!(self.db, |tx| issuer.issue(tx, &request).await).await?;
        self.outbox.wake();
        Ok(())
    }
}

/// A code to the new number. A taken number gets a decoy, which becomes a notice to its owner
/// when the message is sent (`delivery::existing_account`).
fn proof_of(limits: &Limits, row: Row, phone: PhoneNumber, is_taken: bool) -> Result<CodeRequest> {
    let requested_identifier = limits.requested_phone(&phone)?;
    let to = if is_taken { Recipient::DecoyPhone(phone) } else { Recipient::Phone(phone) };
    Ok(CodeRequest {
        purpose: Purpose::Phone,
        account: row.id,
        to,
        requested_identifier: Some(requested_identifier),
        binding: Binding::none(),
        order: None,
        is_verified_phone: false,
    })
}

/// What the code from the new phone grants: the account moves there.
#[derive(Clone)]
struct PhoneChangeGrant {
    limits: Limits,
    audit: Audit,
    issuer: Issuer,
    signed_in: SignedIn,
}

impl Grant for PhoneChangeGrant {
    type Output = ();

    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        _granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<()>>> {
        Box::pin(async move {
            ensure_own(challenge, &self.signed_in.account)?;
            let account = tx.accounts().find(&challenge.account).await?;
            let is_moved = account.is_some_and(|it| Some(&it.phone) == challenge.to.phone());
            Ok(is_moved.then_some(()))
        })
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            let SignedIn { id, account, .. } = &self.signed_in;
            ensure_own(challenge, account)?;
            tx.challenges().revoke_all(account, now).await?;
            let (limits, audit, issuer) = (&self.limits, &self.audit, &self.issuer);
            let replacement = PhoneReplacement { limits, audit, issuer, how: "phone" };
            let old = replacement.apply(tx, account, challenge, now).await?;
            spend_step_up(tx, &self.signed_in, now).await?;
            tx.sign_ins().end_others(account, id, now).await?;
            issuer.notify(tx, account, &old, MessageKind::PhoneChanged).await
        })
    }
}

/// Moves an account to the phone from which a code came, in the transaction of a grant.
pub(crate) struct PhoneReplacement<'g> {
    pub(crate) limits: &'g Limits,
    pub(crate) audit: &'g Audit,
    pub(crate) issuer: &'g Issuer,
    /// How the change was proved, for the audit log.
    pub(crate) how: &'static str,
}

impl PhoneReplacement<'_> {
    /// Sets the phone of the challenge, and returns the old one. Trusted devices and permissions
    /// end, and other browsers are not known any more. The caller has ended all challenges
    /// of the account, ends the sign-ins, and notifies the old phone, in this order.
    pub(crate) async fn apply(
        &self,
        tx: &mut Connection,
        account: &AccountId,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<PhoneNumber> {
        let gone = || Refusal::WrongOrExpired { left: 0 };
        let row = tx.accounts().find(account).await?.ok_or_else(gone)?;
        // The old number will have no account: it must not stay disabled for its next owner.
        let old = Recipient::Phone(row.phone.clone());
        for subject in failure_subjects(&self.limits.subject(&old)?) {
            tx.failures().recover(&subject).await?;
        }
        let new = challenge.to.phone().ok_or_else(gone)?;
        if !tx.accounts().set_phone(account, &row.phone, new, now).await? {
            return Err(gone().into());
        }
        end_credentials(tx, account, self.issuer.browser_digest(), now).await?;
        self.audit.record(tx, Event::PhoneChanged, Some(account), self.how, now).await?;
        Ok(row.phone)
    }
}
