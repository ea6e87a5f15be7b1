//! Registration: name, e-mail address, phone and password, then the code that proves the
//! phone.
//!
//! Nothing is reserved before the phone is proved, so that an attacker can block neither an
//! address nor a number. A number that has an account leads to the same page as a free one, and
//! its owner gets a notice in place of the code. An e-mail address that has an account
//! leads to a code as well, and the visitor learns of it only after having proved a phone. Until
//! then, the responses for taken and free ones are the same to the byte.

use domain::{
    AccountId, EmailAddress, Field, MessageKind, Password, PhoneNumber, Problem, Purpose, Refusal,
    Role, SignInId, Timestamp, address::tidy,
};
use store::{
    Account, BoxFuture, Challenge, Connection, Db, Recipient, Registration as Row,
    repeatable_transaction,
};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::{Binding, CodeRequest, Codes, Grant, Issuer},
    emails::EmailOutbox,
    entropy::Entropy,
    error::Result,
    limits::Limits,
    outbox::OutboxSignal,
    passwords::{self, Passwords},
    phones,
    sessions::{NewSignIn, Sessions},
    settings::Settings,
    visitor::Visitor,
};

/// Registration.
pub struct Registration<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) settings: &'s Settings,
    pub(crate) passwords: &'s Passwords,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
    pub(crate) codes: &'s Codes,
    pub(crate) sessions: Sessions<'s>,
    pub(crate) emails: &'s EmailOutbox,
    pub(crate) outbox: &'s OutboxSignal,
}

/// The form as typed.
#[derive(Clone)]
pub struct RegistrationForm {
    /// The person's name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// Where codes will go.
    pub phone: String,
    /// The password.
    pub password: String,
}

impl Registration<'_> {
    /// Checks the form and sends a code to the phone.
    pub async fn begin(&self, visitor: &Visitor, form: RegistrationForm) -> Result<()> {
        visitor.require_cookie()?;
        let applicant = Applicant::read(form, self.settings)?;
        let holders = {
            let mut connection = self.db.read().await?;
            connection.accounts().find_by_email_or_phone(&applicant.email, &applicant.phone).await?
        };
        let application = self.application(visitor, applicant, holders).await?;
        repeatable_transaction!(self.db, |tx| application.submit(tx).await).await?;
        self.outbox.wake();
        Ok(())
    }

    /// Verifies the code, creates the account and signs it in.
    pub async fn verify(&self, visitor: &Visitor, code: &str) -> Result<SignInId> {
        let grant = RegistrationGrant {
            audit: self.audit.clone(),
            emails: self.emails.clone(),
            sign_in: self.sessions.prepare(visitor)?,
        };
        self.codes.verify(visitor, Purpose::Phone, code, grant).await
    }

    async fn application(
        &self,
        visitor: &Visitor,
        applicant: Applicant,
        holders: Vec<Account>,
    ) -> Result<Application> {
        let now = self.clock.now();
        let account = AccountId::from_bits(self.entropy.bits()?);
        let phone = applicant.phone.clone();
        let requested_identifier = self.limits.requested_phone(&phone)?;
        let is_taken = holders.iter().any(|holder| holder.phone == phone);
        let other = holders.into_iter().find(|holder| holder.phone != phone);
        let notice = match other {
            Some(owner) => (owner.id, Recipient::Phone(owner.phone)),
            None => (account.clone(), Recipient::Decoy { subject: requested_identifier.clone() }),
        };
        let to = if is_taken { Recipient::DecoyPhone(phone) } else { Recipient::Phone(phone) };
        let row = Row {
            account: account.clone(),
            email: applicant.email,
            name: applicant.name,
            phone: applicant.phone,
            password_hash: self.passwords.hash(applicant.password, self.entropy).await?,
            language: visitor.language,
            created_at: now,
            expires_at: now + self.settings.policy.code_ttl_for(Purpose::Phone),
        };
        let request = CodeRequest {
            purpose: Purpose::Phone,
            account,
            to,
            requested_identifier: Some(requested_identifier),
            binding: Binding::none(),
            order: None,
            is_verified_phone: false,
        };
        Ok(Application { issuer: self.codes.issuer(visitor), row, request, notice })
    }
}

/// A form that can be used.
struct Applicant {
    name: String,
    email: EmailAddress,
    phone: PhoneNumber,
    password: Password,
}

impl Applicant {
    /// Reads the form, and reports everything that is wrong with it at once.
    fn read(form: RegistrationForm, settings: &Settings) -> Result<Self> {
        let name = tidy(&form.name, true).ok_or(Problem::Line(Field::Name));
        let email = EmailAddress::parse(&form.email).ok_or(Problem::EmailInvalid);
        let phone = phones::parse(&form.phone, settings);
        let typed_name = name.as_deref().unwrap_or(&form.name);
        let own_words = [settings.shop_name.as_str(), typed_name, &form.email];
        let password = passwords::choose(form.password, &own_words);
        match (name, email, phone, password) {
            (Ok(name), Ok(email), Ok(phone), Ok(password)) => {
                Ok(Self { name, email, phone, password })
            }
            (name, email, phone, password) => {
                let problems = [name.err(), email.err(), phone.err(), password.err()];
                Err(Refusal::Invalid(problems.into_iter().flatten().collect()).into())
            }
        }
    }
}

/// What a registration writes. One that will never become an account writes the same.
#[derive(Clone)]
struct Application {
    issuer: Issuer,
    row: Row,
    request: CodeRequest,
    /// To the owner of the address that was typed, or a decoy if it is free. The owner of the
    /// phone gets a notice where others get a code.
    notice: (AccountId, Recipient),
}

impl Application {
    /// Stores the registration and asks for its code. A form that this browser posts again
    /// replaces the one before, and so keeps the challenge that has been made for it.
    async fn submit(mut self, tx: &mut Connection) -> Result<()> {
        let former = self.issuer.newest(tx, Purpose::Phone).await?;
        let is_update = match &former {
            Some(challenge) => tx.registrations().update(&challenge.account, &self.row).await?,
            None => false,
        };
        if let Some(challenge) = former.filter(|_| is_update) {
            self.request.account = challenge.account.clone();
            if self.issuer.is_repeated(&self.request, &challenge, self.row.created_at) {
                return Ok(());
            }
        } else {
            tx.registrations().insert(&self.row).await?;
        }
        let (owner, to) = &self.notice;
        self.issuer.try_notify(tx, owner, to, MessageKind::AccountExists).await?;
        self.issuer.issue(tx, &self.request).await
    }
}

/// What the right code of a registration grants.
#[derive(Clone)]
struct RegistrationGrant {
    audit: Audit,
    emails: EmailOutbox,
    sign_in: NewSignIn,
}

impl Grant for RegistrationGrant {
    type Output = SignInId;

    fn find_granted<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        granted_at: Timestamp,
    ) -> BoxFuture<'c, Result<Option<SignInId>>> {
        Box::pin(
            async move { Ok(tx.sign_ins().find_by_code(&challenge.account, granted_at).await?) },
        )
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<SignInId>> {
        Box::pin(async move {
            let gone = || Refusal::WrongOrExpired { left: 0 };
            let row = tx.registrations().take(&challenge.account, now).await?.ok_or_else(gone)?;
            let account = account_of(row, now);
            // Another registration may have proved the number, or taken the address, first.
            if !tx.accounts().insert(&account).await? {
                let holder = tx.accounts().find_by_email(&account.email).await?;
                return Err(holder.map_or_else(gone, |_| Problem::EmailTaken.into()).into());
            }
            self.audit.record(tx, Event::UserCreated, Some(&account.id), "", now).await?;
            let sign_in = self.sign_in.begin(tx, &account.id, "registration", now).await?;
            tx.sign_ins().record_code(&sign_in, now).await?;
            self.emails.ask_to_confirm(tx, &account).await?;
            Ok(sign_in)
        })
    }
}

fn account_of(row: Row, now: Timestamp) -> Account {
    Account {
        id: row.account,
        email: row.email,
        name: row.name,
        phone: row.phone,
        phone_verified_at: now,
        password_hash: row.password_hash,
        role: Role::Shopper,
        language: row.language,
        created_at: now,
        disabled_at: None,
    }
}
