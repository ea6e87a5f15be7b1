//! The types and rules of the shop.
//!
//! Everything here is pure: without clock, input, output or async. The crate is compiled for the
//! server and for the browser. Input is parsed into these types once, and the types are trusted
//! from then on.

pub mod address;
pub mod art;
pub mod buyer;
pub mod causes;
pub mod challenge;
pub mod characters;
pub mod code;
pub mod country;
pub mod decline_reason;
pub mod email;
pub mod email_kind;
pub mod id;
pub mod line_item;
pub mod message;
pub mod money;
pub mod order;
pub mod order_history;
pub mod password;
pub mod payment_status;
pub mod phone;
pub mod price;
pub mod pricing;
pub mod purpose;
pub mod quantity;
pub mod recovery_code;
pub mod refusal;
pub mod role;
pub mod secret;
pub mod time;
mod words;

pub use address::Address;
pub use art::{Art, ArtKind, Colour, Pattern};
pub use buyer::Buyer;
pub use causes::Causes;
pub use challenge::ChallengeState;
pub use code::Code;
pub use country::CountryCode;
pub use decline_reason::DeclineReason;
pub use email::EmailAddress;
pub use email_kind::EmailKind;
pub use id::{
    AccountId, AuthorisationId, CartId, CategoryId, ChallengeId, DeviceId, EmailConfirmationId,
    EmailId, MessageId, OrderId, OrderToken, PaymentId, PermissionId, PhoneChangeRequestId,
    ProductId, RefundId, SignInId, StockChangeId, VariantId, WithdrawalId,
};
pub use line_item::{LineItem, ProductRef, VariantRef};
pub use message::{Channel, DeliveryProblem, DeliveryStatus, Language, MessageKind};
pub use money::{Currency, Money};
pub use order::{OrderEvent, OrderStatus, OrderVersion, StockStatus};
pub use order_history::{Actor, HistoryKind};
pub use password::Password;
pub use payment_status::PaymentStatus;
pub use phone::PhoneNumber;
pub use price::{Date, MessagePrice};
pub use pricing::{Adjustment, AdjustmentKind, PricedLine, PricingError, Quote};
pub use purpose::Purpose;
pub use quantity::Quantity;
pub use recovery_code::RecoveryCode;
pub use refusal::{Field, Outdated, Problem, Refusal};
pub use role::Role;
pub use secret::Secret;
pub use time::Timestamp;
