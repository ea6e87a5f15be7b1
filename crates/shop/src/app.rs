//! The composition of the shop, and access to the use cases.
//!
//! A [`Shop`] is a cheap clone of one shared inner value. Each method gives the use cases of one
//! subject the parts that they use. The module of that name implements them, and knows only
//! those parts. `compose` constructs a shop, and `parts` has what several use cases share.

mod compose;
mod parts;

use std::sync::Arc;

use payment::Gateways;
use store::Db;

use crate::{
    account::Account,
    audit::Audit,
    carts::Carts,
    catalogue::Catalogue,
    checkout::Checkout,
    clock::Clock,
    codes::Codes,
    database::Database,
    delivery::Delivery,
    devices::Devices,
    draft::Seller,
    emails::{EmailDelivery, Emails, MailServer},
    entropy::Entropy,
    error::Result,
    invoices::Invoices,
    limits::Limits,
    lost_phone::LostPhone,
    merchant::{Merchant, MerchantDependencies},
    order_lookup::OrderLookup,
    orders::Orders,
    passwords::{Passwords, RehashQueue},
    payments::Payments,
    personal_data::PersonalData,
    recovery_codes::RecoveryCodes,
    registration::Registration,
    reset::Reset,
    seed::Seed,
    sessions::Sessions,
    settings::Settings,
    sign_in::SignIn,
    striped_lock::StripedLock,
    templates::TemplateJobs,
    visitor::Visitor,
    withdrawals::Withdrawals,
};

/// The use cases of the shop.
#[derive(Clone)]
pub struct Shop(Arc<ShopInner>);

/// The dependencies of the use cases, and the state that their modules keep in memory.
struct ShopInner {
    db: Db,
    gateways: Gateways,
    clock: Clock,
    entropy: Entropy,
    passwords: Passwords,
    settings: Arc<Settings>,
    codes: Codes,
    delivery: Delivery,
    payments: Payments,
    mail_server: Option<MailServer>,
    template_jobs: TemplateJobs,
    rehash_queue: RehashQueue,
    confirmations: StripedLock,
}

impl Shop {
    /// The account of the visitor.
    pub fn account(&self) -> Account<'_> {
        Account {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            settings: self.settings(),
            passwords: self.passwords(),
            audit: self.audit_log(),
            limits: self.limits(),
            reauthentication: self.reauthentication(),
            codes: self.codes(),
            outbox: self.outbox(),
        }
    }

    /// The audit log.
    pub fn audit(&self) -> Audit {
        self.0.codes.audit.clone()
    }

    /// The carts of guests and accounts.
    pub fn carts(&self) -> Carts<'_> {
        Carts {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            currency: self.settings().currency,
        }
    }

    /// The public catalogue.
    pub fn catalogue(&self) -> Catalogue<'_> {
        Catalogue { db: self.db() }
    }

    /// The checkout, from the address to the payment.
    pub fn checkout(&self) -> Checkout<'_> {
        Checkout {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            policy: &self.settings().policy,
            seller: self.seller(),
            payment_code: self.settings().payment_code,
            payments: self.payments(),
            reauthentication: self.reauthentication(),
            codes: self.codes(),
            outbox: self.outbox(),
            confirmations: &self.0.confirmations,
            legal: &self.settings().legal,
        }
    }

    /// Challenges and their codes.
    pub fn codes(&self) -> &Codes {
        &self.0.codes
    }

    /// Sending messages and receiving their status.
    pub fn delivery(&self) -> &Delivery {
        &self.0.delivery
    }

    /// The state of the database.
    pub fn database(&self) -> Database<'_> {
        Database { db: self.db(), clock: self.clock(), entropy: self.entropy() }
    }

    /// Trusted devices.
    pub fn devices(&self) -> Devices<'_> {
        Devices { db: self.db(), clock: self.clock(), audit: self.audit_log() }
    }

    /// Ends changes of phone whose time is over.
    pub async fn sweep_phone_changes(&self) -> Result<()> {
        self.phone_changes().sweep().await
    }

    /// The e-mail address of the visitor's account.
    pub fn emails(&self) -> Emails<'_> {
        Emails {
            db: self.db(),
            clock: self.clock(),
            keys: &self.settings().keys,
            audit: self.audit_log(),
            limits: self.limits(),
            outbox: self.email_outbox(),
            reauthentication: self.reauthentication(),
        }
    }

    /// Sending e-mails.
    pub fn email_delivery(&self) -> EmailDelivery<'_> {
        EmailDelivery {
            db: self.db(),
            clock: self.clock(),
            keys: &self.settings().keys,
            shop_name: &self.settings().shop_name,
            contact: &self.settings().contact,
            server: self.0.mail_server.as_ref(),
        }
    }

    /// The use cases of the merchant. Other visitors are refused with
    /// [`NotFound`](domain::Refusal::NotFound), as if these did not exist (S-B09).
    pub fn merchant(&self, visitor: &Visitor) -> Result<Merchant<'_>> {
        let dependencies = MerchantDependencies {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            audit: self.audit_log(),
            limits: self.limits(),
            orders: self.orders(),
            payments: self.payments(),
            delivery: self.delivery(),
            templates: &self.0.delivery.templates,
            phone_changes: self.phone_changes(),
            template_jobs: &self.0.template_jobs,
        };
        Merchant::authorise(dependencies, visitor)
    }

    /// The rate limits.
    pub fn limits(&self) -> &Limits {
        &self.0.codes.limits
    }

    /// The numbers of invoices.
    pub fn invoices(&self) -> Invoices<'_> {
        Invoices { db: self.db(), clock: self.clock() }
    }

    /// Finding an order without an account.
    pub fn order_lookup(&self) -> OrderLookup<'_> {
        OrderLookup {
            db: self.db(),
            entropy: self.entropy(),
            settings: self.settings(),
            limits: self.limits(),
            codes: self.codes(),
            outbox: self.outbox(),
        }
    }

    /// The orders of accounts.
    pub fn orders(&self) -> Orders<'_> {
        Orders { db: self.db(), clock: self.clock() }
    }

    /// Charges and refunds at the payment gateways.
    pub fn payments(&self) -> &Payments {
        &self.0.payments
    }

    /// The way back into an account whose phone is lost.
    pub fn lost_phone(&self) -> LostPhone<'_> {
        LostPhone {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            settings: self.settings(),
            audit: self.audit_log(),
            limits: self.limits(),
            codes: self.codes(),
            sessions: self.sessions(),
            outbox: self.outbox(),
        }
    }

    /// The recovery codes of the visitor's account.
    pub fn recovery_codes(&self) -> RecoveryCodes<'_> {
        RecoveryCodes {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            audit: self.audit_log(),
            keys: &self.settings().keys,
            attempts: self.settings().policy.attempts,
        }
    }

    /// Registration.
    pub fn registration(&self) -> Registration<'_> {
        Registration {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            settings: self.settings(),
            passwords: self.passwords(),
            audit: self.audit_log(),
            limits: self.limits(),
            codes: self.codes(),
            sessions: self.sessions(),
            emails: self.email_outbox(),
            outbox: self.outbox(),
        }
    }

    /// Replaces the password hashes that were found outdated since the last call.
    pub async fn rehash_passwords(&self) -> Result<()> {
        self.0.rehash_queue.rehash(self.db(), self.passwords(), self.entropy()).await
    }

    /// A forgotten password.
    pub fn reset(&self) -> Reset<'_> {
        Reset {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            settings: self.settings(),
            passwords: self.passwords(),
            audit: self.audit_log(),
            limits: self.limits(),
            codes: self.codes(),
            outbox: self.outbox(),
        }
    }

    /// The catalogue and the accounts of the demonstration.
    pub fn seed(&self) -> Seed<'_> {
        Seed {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            passwords: self.passwords(),
            seller: self.seller(),
            payments: self.payments(),
        }
    }

    /// Sign-ins and browser sessions.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            audit: self.audit_log(),
            codes: self.codes(),
            max_sign_ins: self.settings().policy.max_sign_ins,
        }
    }

    /// Signing in.
    pub fn sign_in(&self) -> SignIn<'_> {
        SignIn {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            audit: self.audit_log(),
            authentication: self.authentication(),
            rehash_queue: &self.0.rehash_queue,
            codes: self.codes(),
            sessions: self.sessions(),
            outbox: self.outbox(),
        }
    }

    /// The merchant's configuration.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The data of the visitor's account.
    pub fn personal_data(&self) -> PersonalData<'_> {
        PersonalData {
            db: self.db(),
            clock: self.clock(),
            audit: &self.0.codes.audit,
            reauthentication: self.reauthentication(),
            codes: self.codes(),
            outbox: self.outbox(),
        }
    }

    /// Withdrawal from a contract.
    pub fn withdrawals(&self) -> Withdrawals<'_> {
        Withdrawals {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            limits: self.limits(),
            settings: self.settings(),
            outbox: self.email_outbox(),
        }
    }

    /// The clock that every use case reads.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The pool in which passwords are hashed.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    fn seller(&self) -> Seller {
        Seller {
            currency: self.settings().currency,
            payee: self.settings().shop_name.clone(),
            gateways: self.0.gateways.clone(),
            max_refused_parcels: self.settings().max_refused_parcels,
        }
    }
}
