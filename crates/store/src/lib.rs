//! The tables of the shop, and every SQL statement that reads or writes them.
//!
//! One set of statements serves SQLite and PostgreSQL. The statements about one subject
//! are methods of a repository, such as [`Orders`]; a [`Connection`] gives access to all
//! repositories, inside a transaction ([`Db::write`]) or outside one ([`Db::read`]).
#![expect(
    missing_docs,
    reason = "a field that is named after its column is explained in migrations/, once"
)]

#[macro_use]
mod macros;

mod accounts;
mod audit;
pub mod backup;
mod carts;
mod catalogue_version;
mod challenges;
mod connection;
mod consents;
mod counters;
mod database;
mod delivery_status;
mod devices;
mod email_confirmations;
mod emails;
mod engine;
mod error;
mod failures;
mod gateway_events;
mod invoices;
mod known_browsers;
mod live_access;
mod messages;
pub mod metrics;
mod migrations;
mod notifications;
mod open;
mod open_error;
mod open_options;
mod order_events;
mod order_origins;
mod order_permissions;
mod orders;
mod payments;
mod permissions;
mod personal_data;
mod phone_change_requests;
mod pooler;
mod processed_webhooks;
mod products;
mod provider_verifications;
mod recipient;
mod recipient_throttle;
mod recovery_codes;
mod refunds;
mod registrations;
mod server_options;
mod sessions;
mod setup_lock;
mod sign_ins;
mod templates;
mod tls;
mod variants;
mod whatsapp_users;
mod withdrawals;
mod writer;
mod writer_thread;

pub use accounts::{Account, Accounts};
pub use audit::{Audit, AuditEvent};
pub use carts::{CartLine, Carts, Checkout};
pub use challenges::{Challenge, ChallengeMethod, Challenges, LiveResets, ResendRule};
pub use connection::Connection;
pub use consents::{Consents, LegalText, OrderConsent};
pub use counters::{Counters, Limit, Window};
pub use database::Db;
pub use delivery_status::{Failure, ProviderMessageName, StatusUpdate};
pub use devices::{Device, Devices};
pub use email_confirmations::{EmailConfirmation, EmailConfirmations};
pub use emails::{Emails, NewEmail, QueuedEmail};
pub use error::{Error, Result, TransactionError};
pub use failures::{FailureCount, Failures};
pub use futures::future::BoxFuture;
pub use gateway_events::{GatewayEvents, StoredDispute};
pub use invoices::{Invoice, Invoices};
pub use known_browsers::KnownBrowsers;
pub use live_access::{EndedAccess, LiveAccess};
pub use messages::{Lease, Message, Messages, NewMessage};
pub use migrations::migrations_digest;
pub use notifications::ChallengeNotifications;
pub use open::sqlite_file;
pub use open_error::{Location, OpenError};
pub use open_options::{Durability, OpenOptions};
pub use order_events::{HistoryEntry, OrderEvents};
pub use order_origins::{HeldOrders, OrderOrigin, OrderOrigins};
pub use order_permissions::{OrderPermission, OrderPermissions};
pub use orders::{KnownPurchase, Order, OrderHeader, OrderNames, Orders};
pub use payments::{Authorisation, NewPayment, Payment, PaymentStep, Payments};
pub use permissions::{Permission, PermissionTo, Permissions};
pub use personal_data::{BrowserOfAccount, MessageOfAccount, PersonalData};
pub use phone_change_requests::{
    OpenPhoneChange, PhoneChangeEnd, PhoneChangeRequest, PhoneChangeRequests,
};
pub use processed_webhooks::ProcessedWebhooks;
pub use products::{Category, Listing, NewProduct, Product, ProductOrder, Products};
pub use provider_verifications::{EndedVerification, ProviderVerifications};
pub use recipient::Recipient;
pub use recipient_throttle::RecipientThrottle;
pub use recovery_codes::{RecoveryCodeSet, RecoveryCodes};
pub use refunds::{Refund, Refunds};
pub use registrations::{Registration, Registrations};
pub use sessions::Sessions;
pub use setup_lock::SetupLock;
pub use sign_ins::{SignIn, SignInExpiry, SignInHolder, SignIns};
pub use templates::{StoredTemplate, Templates};
pub use tls::TlsProblem;
pub use variants::{Variant, Variants};
pub use whatsapp_users::{WhatsAppUser, WhatsAppUsers};
pub use withdrawals::{OrderContact, Withdrawal, Withdrawals};
