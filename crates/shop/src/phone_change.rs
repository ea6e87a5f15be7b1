//! A new phone takes the whole way: the password, a code to the current phone,
//! and a code to the new one (S-S07). A trusted device shortens none of it, and each
//! change takes the whole way: it uses up the step-up.

use std::time::Duration;

use domain::{
    AccountId, ChallengeState, Field, MessageKind, PhoneNumber, Problem, Purpose, Refusal,
    Timestamp,
};
use store::{Account as Row, BoxFuture, Challenge, Connection, Recipient};

use crate::{
    Result, Shop, SignedIn, Visitor,
    account::Account,
    audit::Event,
    codes::{Binding, CodeRequest, Grant, Issuer},
    phones,
    reset::end_credentials,
};

/// How long password and code, given again, open what is important (S-R05).
pub const STEP_UP: Duration = Duration::from_secs(5 * 60);

/// The step of a phone change that comes next.
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
    /// Step one: the password, again. A code goes to the current phone.
    pub async fn begin_step_up(&self, visitor: &Visitor, password: String) -> Result<()> {
        let row = self.confirm_password(visitor, password).await?;
        let (issuer, request) = (self.0.codes().issuer(visitor), step_up_code(row));
        self.0
            .db()
            .write(move |tx| Box::pin(async move { issuer.issue(tx, &request).await }))
            .await?;
        self.0.delivery().wake();
        Ok(())
    }

    /// Step two: the code from the current phone. The session's id must change.
    pub async fn verify_step_up(&self, visitor: &Visitor, code: &str) -> Result<()> {
        let shop = self.0.clone();
        let grant = StepUpGrant { shop, signed_in: visitor.require_signed_in()?.clone() };
        self.0.codes().verify(visitor, Purpose::StepUp, code, grant).await
    }

    /// Step three: the new number. A code goes there.
    pub async fn begin_phone_change(&self, visitor: &Visitor, phone: &str) -> Result<()> {
        let signed_in = visitor.require_signed_in()?;
        if !self.is_stepped_up(signed_in) {
            return Err(Refusal::StepUpNeeded.into());
        }
        let phone = phones::parse(phone, self.0.settings())?;
        let row = self.row(signed_in).await?;
        if row.phone == phone {
            return Err(Problem::Choice(Field::Phone).into());
        }
        let holder = self.0.db().read().await?.accounts().find_by_phone(&phone).await?;
        let request = proof(self.0, row, phone, holder.is_some())?;
        let issuer = self.0.codes().issuer(visitor);
        self.0
            .db()
            .write(move |tx| Box::pin(async move { issuer.issue(tx, &request).await }))
            .await?;
        self.0.delivery().wake();
        Ok(())
    }

    /// Step four: the code from the new phone, while the step-up is fresh; it is used up.
    /// Who takes longer gives password and code again, and then this one. Every other
    /// sign-in and every trusted device ends, and the old phone is told.
    pub async fn verify_phone_change(&self, visitor: &Visitor, code: &str) -> Result<()> {
        let grant = PhoneChangeGrant {
            shop: self.0.clone(),
            issuer: self.0.codes().issuer(visitor),
            signed_in: visitor.require_signed_in()?.clone(),
        };
        self.0.codes().verify(visitor, Purpose::Phone, code, grant).await?;
        self.0.delivery().wake();
        Ok(())
    }

    /// The step that comes next, which the page asks for.
    pub async fn phone_change_stage(&self, visitor: &Visitor) -> Result<PhoneChangeStage> {
        let signed_in = visitor.require_signed_in()?;
        let is_stepped_up = self.is_stepped_up(signed_in);
        Ok(if is_stepped_up && self.waits_for(visitor, signed_in, Purpose::Phone).await? {
            PhoneChangeStage::NewPhoneCode
        } else if is_stepped_up {
            PhoneChangeStage::NewPhone
        } else if self.waits_for(visitor, signed_in, Purpose::StepUp).await? {
            PhoneChangeStage::StepUpCode
        } else {
            PhoneChangeStage::Password
        })
    }

    /// Gives the code up that is waited for, so that another number, or at the step
    /// before the password, can be given.
    pub async fn start_phone_change_again(&self, visitor: &Visitor) -> Result<()> {
        match self.phone_change_stage(visitor).await? {
            PhoneChangeStage::NewPhoneCode => self.0.codes().give_up(visitor, Purpose::Phone).await,
            PhoneChangeStage::StepUpCode => self.0.codes().give_up(visitor, Purpose::StepUp).await,
            PhoneChangeStage::Password | PhoneChangeStage::NewPhone => Ok(()),
        }
    }

    fn is_stepped_up(&self, signed_in: &SignedIn) -> bool {
        let now = self.0.clock().now();
        signed_in.stepped_up_at.is_some_and(|at| now.since(at) < STEP_UP)
    }

    async fn waits_for(
        &self,
        visitor: &Visitor,
        signed_in: &SignedIn,
        purpose: Purpose,
    ) -> Result<bool> {
        let now = self.0.clock().now();
        let attempts = self.0.settings().policy.attempts;
        let mut connection = self.0.db().read().await?;
        let browser = visitor.browser.digest();
        let newest = connection.challenges().find_newest(&browser, purpose).await?;
        Ok(newest.is_some_and(|challenge| {
            challenge.account == signed_in.account
                && challenge.state(attempts, now) == ChallengeState::Live
        }))
    }
}

/// A code to the current phone. It has a purpose of its own: it signs nobody in, and
/// a code for signing in confirms nothing here.
fn step_up_code(row: Row) -> CodeRequest {
    CodeRequest {
        purpose: Purpose::StepUp,
        account: row.id,
        to: Recipient::Phone(row.phone),
        requested_identifier: None,
        binding: Binding::none(),
        order: None,
        is_verified_phone: true,
    }
}

/// A code to the new number; one that goes nowhere if that has an account, whose
/// owner is told when the message comes up (`delivery::owners`).
fn proof(shop: &Shop, row: Row, phone: PhoneNumber, is_taken: bool) -> Result<CodeRequest> {
    let requested_identifier = shop.limits().requested_phone(&phone)?;
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

/// A code that is right, but not for this account, is as good as wrong.
fn ensure_own(challenge: &Challenge, account: &AccountId) -> Result<()> {
    if challenge.account == *account {
        return Ok(());
    }
    Err(Refusal::WrongOrExpired { left: 0 }.into())
}

/// What the code from the current phone gives: a fresh mark on this sign-in.
struct StepUpGrant {
    shop: Shop,
    signed_in: SignedIn,
}

impl Grant for StepUpGrant {
    type Output = ();

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            let SignedIn { id, account, .. } = &self.signed_in;
            ensure_own(challenge, account)?;
            if !tx.sign_ins().step_up(id, account, now).await? {
                return Err(Refusal::SignInNeeded.into());
            }
            let audit = self.shop.audit();
            audit.record(tx, Event::SessionRenewed, Some(account), "step-up", now).await
        })
    }
}

/// What the code from the new phone gives: the account moves there.
struct PhoneChangeGrant {
    shop: Shop,
    issuer: Issuer,
    signed_in: SignedIn,
}

impl Grant for PhoneChangeGrant {
    type Output = ();

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async move {
            let SignedIn { id, account, .. } = &self.signed_in;
            ensure_own(challenge, account)?;
            if !tx.sign_ins().spend_step_up(id, account, now - STEP_UP).await? {
                return Err(Refusal::StepUpNeeded.into());
            }
            let gone = || Refusal::WrongOrExpired { left: 0 };
            let row = tx.accounts().find(account).await?.ok_or_else(gone)?;
            let new = challenge.to.phone().ok_or_else(gone)?;
            if !tx.accounts().set_phone(account, &row.phone, new, now).await? {
                return Err(gone().into());
            }
            // The old number is nobody's now: it must not stay switched off for whoever
            // has it next.
            let old = Recipient::Phone(row.phone.clone());
            tx.failures().recover(&self.shop.limits().subject(&old)?).await?;
            tx.sign_ins().end_others(account, id, now).await?;
            end_credentials(tx, account, now).await?;
            let audit = self.shop.audit();
            audit.record(tx, Event::PhoneChanged, Some(account), "phone", now).await?;
            self.issuer.notify(tx, account, &row.phone, MessageKind::PhoneChanged).await
        })
    }
}
