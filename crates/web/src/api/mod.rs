//! The server functions. Each changes something, and has a named address below `/api`, so
//! that a plain form and an island can post to it. [`crate::routes::api`] lists them.

pub mod account;
pub mod carts;
pub mod checkout;
pub mod codes;
pub mod email;
pub(crate) mod error;
pub mod merchant;
pub mod order_lookup;
pub mod personal_data;
pub mod recovery;
pub mod registration;
pub mod reset;
pub mod sign_in;
pub mod withdrawal;

pub use error::{ApiError, ApiErrorKind};

use leptos::server_fn::ServerFn;

use crate::routes::api as routes;

/// Which server function answers which address. The attribute `#[server]` takes its address
/// only as a literal, so the two are compared here, by the compiler.
const ADDRESSES: &[(&str, &str)] = &[
    (routes::CART_ADD, carts::AddToCart::PATH),
    (routes::CART_QUANTITY, carts::SetCartQuantity::PATH),
    (routes::CART_REMOVE, carts::RemoveFromCart::PATH),
    (routes::CHECKOUT_ADDRESS, checkout::SetAddress::PATH),
    (routes::CHECKOUT_COUNTRY, checkout::ChangeCountry::PATH),
    (routes::CHECKOUT_SHIPPING, checkout::SetShipping::PATH),
    (routes::CHECKOUT_PAYMENT, checkout::SetPayment::PATH),
    (routes::CHECKOUT_PLACE, checkout::PlaceOrder::PATH),
    (routes::CHECKOUT_CODE, checkout::SendOrderCode::PATH),
    (routes::CHECKOUT_CONFIRM, checkout::ConfirmPayment::PATH),
    (routes::ORDER_LOOKUP, order_lookup::BeginOrderLookup::PATH),
    (routes::ORDER_LOOKUP_VERIFY, order_lookup::VerifyOrderLookup::PATH),
    (routes::WITHDRAWAL, withdrawal::BeginWithdrawal::PATH),
    (routes::WITHDRAWAL_CONFIRM, withdrawal::ConfirmWithdrawal::PATH),
    (routes::REGISTER, registration::Register::PATH),
    (routes::REGISTER_VERIFY, registration::VerifyRegistration::PATH),
    (routes::LOGIN, sign_in::SignIn::PATH),
    (routes::LOGIN_VERIFY, sign_in::VerifySignIn::PATH),
    (routes::LOGOUT, sign_in::SignOut::PATH),
    (routes::LOGIN_RECOVERY, recovery::BeginRecovery::PATH),
    (routes::LOGIN_RECOVERY_VERIFY, recovery::VerifyRecoveryCode::PATH),
    (routes::LOGIN_RECOVERY_ASSISTED, recovery::UseAssistedChange::PATH),
    (routes::LOGIN_RECOVERY_PHONE, recovery::BeginNewPhone::PATH),
    (routes::LOGIN_RECOVERY_PHONE_VERIFY, recovery::VerifyNewPhone::PATH),
    (routes::LOGIN_RECOVERY_START_AGAIN, recovery::StartNewPhoneAgain::PATH),
    (routes::RESET, reset::BeginReset::PATH),
    (routes::RESET_VERIFY, reset::VerifyReset::PATH),
    (routes::RESET_PASSWORD, reset::SetPassword::PATH),
    (routes::CODES_RESEND, codes::ResendCode::PATH),
    (routes::CODES_SMS, codes::SendCodeBySms::PATH),
    (routes::ACCOUNT_PASSWORD, account::ChangePassword::PATH),
    (routes::ACCOUNT_SESSIONS_END, account::EndSession::PATH),
    (routes::ACCOUNT_SESSIONS_END_OTHERS, account::EndOtherSessions::PATH),
    (routes::ACCOUNT_DEVICES_FORGET, account::ForgetDevice::PATH),
    (routes::ACCOUNT_PHONE_PASSWORD, account::BeginStepUp::PATH),
    (routes::ACCOUNT_PHONE_STEP_UP, account::VerifyStepUp::PATH),
    (routes::ACCOUNT_PHONE_NUMBER, account::BeginPhoneChange::PATH),
    (routes::ACCOUNT_PHONE_VERIFY, account::VerifyPhoneChange::PATH),
    (routes::ACCOUNT_PHONE_START_AGAIN, account::StartPhoneChangeAgain::PATH),
    (routes::ACCOUNT_RECOVERY_PASSWORD, recovery::BeginRecoveryCodes::PATH),
    (routes::ACCOUNT_RECOVERY_STEP_UP, recovery::ConfirmRecoveryCodes::PATH),
    (routes::ACCOUNT_RECOVERY_START_AGAIN, recovery::StartRecoveryCodesAgain::PATH),
    (routes::ACCOUNT_RECOVERY_MAKE, recovery::MakeRecoveryCodes::PATH),
    (routes::ACCOUNT_RECOVERY_SAVED, recovery::SaveRecoveryCodes::PATH),
    (routes::ACCOUNT_EMAIL_SEND, email::SendEmailConfirmation::PATH),
    (routes::ACCOUNT_EMAIL_CONFIRM, email::ConfirmEmail::PATH),
    (routes::ACCOUNT_DATA_EXPORT, personal_data::PermitDataExport::PATH),
    (routes::ACCOUNT_DELETE, personal_data::DeleteAccount::PATH),
    (routes::MERCHANT_ORDERS_SHIP, merchant::ShipOrder::PATH),
    (routes::MERCHANT_ORDERS_CANCEL, merchant::CancelOrder::PATH),
    (routes::MERCHANT_ORDERS_REFUND, merchant::RefundOrder::PATH),
    (routes::MERCHANT_WITHDRAWALS_STATE, merchant::SetWithdrawalState::PATH),
    (routes::MERCHANT_ORDERS_REFUND_PART, merchant::RefundPart::PATH),
    (routes::MERCHANT_ORDERS_RECEIVED, merchant::MarkReceived::PATH),
    (routes::MERCHANT_ORDERS_PARCEL_REFUSED, merchant::MarkParcelRefused::PATH),
    (routes::MERCHANT_PRODUCTS_PRICE, merchant::SetPrice::PATH),
    (routes::MERCHANT_PRODUCTS_STOCK, merchant::SetStock::PATH),
    (routes::MERCHANT_PRODUCTS_PIECES, merchant::ChangeStock::PATH),
    (routes::MERCHANT_PRODUCTS_LISTED, merchant::SetListed::PATH),
    (routes::MERCHANT_ACCOUNTS_RECOVER, merchant::RecoverCodes::PATH),
    (routes::MERCHANT_PHONE_CHANGE_START, merchant::StartPhoneChange::PATH),
    (routes::MERCHANT_PHONE_CHANGE_CANCEL, merchant::CancelPhoneChange::PATH),
    (routes::MERCHANT_MESSAGING_SUBMIT, merchant::SubmitTemplates::PATH),
    (routes::MERCHANT_MESSAGING_SYNC, merchant::SyncTemplates::PATH),
];

const _: () = assert!(all_agree(ADDRESSES), "an address differs from the one in `routes`");

const fn all_agree(mut addresses: &[(&str, &str)]) -> bool {
    while let [(listed, answered), rest @ ..] = addresses {
        if !is_same(listed.as_bytes(), answered.as_bytes()) {
            return false;
        }
        addresses = rest;
    }
    true
}

const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, one_rest @ ..], [second, other_rest @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    one.is_empty() && other.is_empty()
}
