//! Signing in: the password, then the code.
//!
//! Whoever is not known, or gives a wrong password, walks the same steps to the
//! same page: one hash, the same statements in one transaction, and a code that
//! never comes (S-A22, S-R03; the whole argument stands in `codes::strangers`). Nothing is sent
//! before the password was right.

use domain::{
    AccountId, EmailAddress, Password, Problem, Purpose, Refusal, Secret, SignInId, Timestamp,
};
use store::{Account, BoxFuture, Challenge, Connection, Recipient};

use crate::{
    Result, Shop, Visitor,
    codes::{Binding, CodeRequest, Grant, Issuer, keyed_name},
    devices::{DeviceToken, NewDevice},
    password_attempts::{self, PasswordAttempts, Who},
    sessions::NewSignIn,
};

/// Signing in.
pub struct SignIn<'s>(&'s Shop);

impl Shop {
    /// Signing in.
    pub fn sign_in(&self) -> SignIn<'_> {
        SignIn(self)
    }
}

/// Where a sign-in goes after e-mail address and password.
#[derive(Clone, Debug)]
pub enum SignInStep {
    /// To the code: what a stranger sees, whatever was typed.
    CodeNeeded,
    /// In: the password was right and the browser is a trusted device.
    SignedIn {
        /// The sign-in, for the session.
        sign_in: SignInId,
        /// The device's next token, for its cookie.
        device_token: Secret<String>,
    },
}

/// A sign-in that the right code completed.
#[derive(Clone, Debug)]
pub struct SignInDone {
    /// The sign-in, for the session.
    pub sign_in: SignInId,
    /// The token of a device that is trusted from now on, for its cookie.
    pub device_token: Option<Secret<String>>,
}

impl SignIn<'_> {
    /// Takes e-mail address and password.
    pub async fn begin(
        &self,
        visitor: &Visitor,
        email: &str,
        password: String,
        device_token: Option<&str>,
    ) -> Result<SignInStep> {
        let email = EmailAddress::parse(email).ok_or(Problem::EmailInvalid)?;
        let password = Password::claim(password).ok_or(Problem::PasswordTooLong)?;
        let token = device_token.and_then(DeviceToken::parse);
        let known = self.look_up(visitor, &email, token).await?;
        let requested_identifier = self.requested_identifier(visitor, &email, &password)?;
        let decoy = self.decoy(&requested_identifier)?;
        let verdict = self.0.judge(known.account.as_ref(), password.clone()).await?;
        let account = known.account.filter(|_| verdict.is_right);
        if let Some(account) = &account
            && verdict.is_outdated
        {
            self.0.renewals().add(account, password);
        }
        let shortcut = match known.trusted {
            Some(token) if account.is_some() => Some(Shortcut::draw(self.0, visitor, token)?),
            _ => None,
        };
        let attempt = Attempt {
            shop: self.0.clone(),
            issuer: self.0.codes().issuer(visitor).without_digits(),
            attempts: known.attempts,
            request: CodeRequest {
                requested_identifier: Some(requested_identifier),
                ..account.as_ref().map_or(decoy, code_for)
            },
            account,
            shortcut,
        };
        let step = self
            .0
            .db()
            .write(|tx| Box::pin(async move { attempt.finish_sign_in(tx).await }))
            .await?;
        self.0.delivery().wake();
        Ok(step)
    }

    /// Takes the code.
    pub async fn verify(
        &self,
        visitor: &Visitor,
        code: &str,
        trust_device: bool,
    ) -> Result<SignInDone> {
        let grant = SignInGrant {
            shop: self.0.clone(),
            sign_in: NewSignIn::draw(self.0, visitor)?,
            device: trust_device.then(|| NewDevice::draw(self.0, visitor)).transpose()?,
        };
        self.0.codes().verify(visitor, Purpose::Login, code, grant).await
    }

    async fn look_up(
        &self,
        visitor: &Visitor,
        email: &EmailAddress,
        token: Option<DeviceToken>,
    ) -> Result<Known> {
        let now = self.0.clock().now();
        let mut connection = self.0.db().read().await?;
        let account = connection.accounts().find_by_email(email).await?;
        let account = account.filter(|account| account.disabled_at.is_none());
        let trusted = match token {
            Some(token) => {
                let nobody = AccountId::from_bits(0);
                let id = account.as_ref().map_or(&nobody, |account| &account.id);
                let is_trusted = connection.devices().is_trusted(&token.digest(), id, now).await?;
                is_trusted.then_some(token)
            }
            None => None,
        };
        let who = if trusted.is_some() { Who::TrustedDevice } else { Who::Anybody };
        let attempts = PasswordAttempts::on(self.0, visitor, email, who)?;
        attempts.ensure_left(&mut connection, now).await?;
        Ok(Known { account, trusted, attempts })
    }

    /// The name of what was typed, for this browser alone: what others typed must
    /// not show (`codes::strangers`). Of the password only 16 bits go into the name,
    /// too few to confirm a guess with, should rows and key ever be stolen together.
    fn requested_identifier(
        &self,
        visitor: &Visitor,
        email: &EmailAddress,
        password: &Password,
    ) -> Result<String> {
        let keys = &self.0.settings().keys;
        let hint = keyed_name(keys, "password", password.expose().as_bytes())?;
        let hint = hint.get(..4).unwrap_or_default();
        let browser = visitor.browser.digest();
        let all = Binding::of(&[email.as_str().as_bytes(), hint.as_bytes(), browser.as_bytes()]);
        Ok(format!("sign-in/{}", keyed_name(keys, "sign-in", all.as_str().as_bytes())?))
    }

    /// The code that never comes.
    fn decoy(&self, requested_identifier: &str) -> Result<CodeRequest> {
        Ok(CodeRequest {
            purpose: Purpose::Login,
            account: AccountId::from_bits(self.0.entropy().bits()?),
            to: Recipient::Decoy { subject: requested_identifier.to_owned() },
            requested_identifier: None,
            binding: Binding::none(),
            order: None,
            is_verified_phone: true,
        })
    }
}

/// A sign-in code to the account's phone.
fn code_for(account: &Account) -> CodeRequest {
    CodeRequest {
        purpose: Purpose::Login,
        account: account.id.clone(),
        to: Recipient::Phone(account.phone.clone()),
        requested_identifier: None,
        binding: Binding::none(),
        order: None,
        is_verified_phone: true,
    }
}

/// What is known before the password is looked at.
struct Known {
    account: Option<Account>,
    trusted: Option<DeviceToken>,
    attempts: PasswordAttempts,
}

/// What is left to do in the transaction, once the password is judged.
struct Attempt {
    shop: Shop,
    issuer: Issuer,
    attempts: PasswordAttempts,
    request: CodeRequest,
    account: Option<Account>,
    shortcut: Option<Shortcut>,
}

impl Attempt {
    async fn finish_sign_in(self, tx: &mut Connection) -> Result<SignInStep> {
        let now = self.shop.clock().now();
        self.attempts.charge(tx, self.account.as_ref(), now).await?;
        if let (Some(shortcut), Some(account)) = (self.shortcut, &self.account)
            && let Some(step) = shortcut.take(&self.shop, tx, &account.id, now).await?
        {
            return Ok(step);
        }
        self.issuer.issue(tx, &self.request).await?;
        Ok(SignInStep::CodeNeeded)
    }
}

/// The way in without a code, for a trusted device.
struct Shortcut {
    token: DeviceToken,
    next: DeviceToken,
    sign_in: NewSignIn,
}

impl Shortcut {
    fn draw(shop: &Shop, visitor: &Visitor, token: DeviceToken) -> Result<Self> {
        let next = DeviceToken::draw(shop)?;
        Ok(Self { token, next, sign_in: NewSignIn::draw(shop, visitor)? })
    }

    /// Uses the token up, puts the next in its place and signs in; `None` if
    /// another request was first or the device was revoked just now.
    async fn take(
        self,
        shop: &Shop,
        tx: &mut Connection,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<SignInStep>> {
        let (token, next) = (self.token.digest(), self.next.digest());
        if !tx.devices().rotate(&token, account, &next, now).await? {
            return Ok(None);
        }
        let sign_in = self.sign_in.begin(shop, tx, account, "trusted device", now).await?;
        Ok(Some(SignInStep::SignedIn { sign_in, device_token: self.next.into_secret() }))
    }
}

/// What the right sign-in code gives.
struct SignInGrant {
    shop: Shop,
    sign_in: NewSignIn,
    device: Option<NewDevice>,
}

impl Grant for SignInGrant {
    type Output = SignInDone;

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<SignInDone>> {
        Box::pin(async move {
            let account = tx.accounts().find(&challenge.account).await?;
            let account = account.filter(|account| account.disabled_at.is_none());
            let account = account.ok_or(Refusal::WrongOrExpired { left: 0 })?;
            password_attempts::forgive(&self.shop, tx, &account.email, challenge).await?;
            let device_token = match self.device {
                Some(device) => Some(device.trust(&self.shop, tx, &challenge.account, now).await?),
                None => None,
            };
            let sign_in =
                self.sign_in.begin(&self.shop, tx, &challenge.account, "code", now).await?;
            Ok(SignInDone { sign_in, device_token })
        })
    }
}
