//! The parameters of the operations on PaymentIntents (<https://docs.stripe.com/api/payment_intents>).

use super::schema::{
    Parameter, appearance, boolean, integer, metadata, object, one_of, period, removable, text,
    texts, unsupported,
};

pub(super) const CAPTURE_METHODS: &[&str] = &["automatic", "automatic_async", "manual"];
pub(super) const FUTURE_USAGES: &[&str] = &["off_session", "on_session"];

/// `payment_method_options`.
const CARD_OPTIONS: &[Parameter] = &[object(
    "card",
    &[
        one_of("request_three_d_secure", SECURE_REQUESTS),
        unsupported("capture_method"),
        unsupported("cvc_token"),
        unsupported("installments"),
        unsupported("mandate_options"),
        unsupported("moto"),
        unsupported("network"),
        unsupported("request_extended_authorization"),
        unsupported("request_incremental_authorization"),
        unsupported("request_multicapture"),
        unsupported("request_overcapture"),
        unsupported("require_cvc_recollection"),
        unsupported("setup_credential_usage"),
        unsupported("setup_future_usage"),
        unsupported("statement_descriptor_suffix_kana"),
        unsupported("statement_descriptor_suffix_kanji"),
        unsupported("stored_credential_usage"),
        unsupported("three_d_secure"),
    ],
)];

/// When a merchant asks for 3-D Secure.
pub(super) const SECURE_REQUESTS: &[&str] = &["any", "automatic", "challenge"];

pub(super) const CREATE: &[Parameter] = &[
    texts("allowed_payment_method_types"),
    integer("amount").required(),
    unsupported("amount_details"),
    unsupported("application_fee_amount"),
    object(
        "automatic_payment_methods",
        &[boolean("enabled").required(), one_of("allow_redirects", &["always", "never"])],
    ),
    one_of("capture_method", CAPTURE_METHODS),
    boolean("confirm"),
    one_of("confirmation_method", &["automatic", "manual"]),
    unsupported("confirmation_token"),
    text("currency").required(),
    text("customer"),
    unsupported("customer_account"),
    removable("description"),
    boolean("error_on_requires_action"),
    texts("excluded_payment_method_types"),
    unsupported("hooks"),
    unsupported("mandate"),
    unsupported("mandate_data"),
    metadata(),
    one_of("off_session", OFF_SESSION),
    unsupported("on_behalf_of"),
    unsupported("payment_details"),
    text("payment_method"),
    unsupported("payment_method_configuration"),
    unsupported("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unsupported("radar_options"),
    removable("receipt_email"),
    text("return_url"),
    one_of("setup_future_usage", FUTURE_USAGES),
    appearance("shipping"),
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    unsupported("transfer_data"),
    unsupported("transfer_group"),
    unsupported("use_stripe_sdk"),
];

pub(super) const UPDATE: &[Parameter] = &[
    unsupported("allowed_payment_method_types"),
    integer("amount"),
    unsupported("amount_details"),
    unsupported("application_fee_amount"),
    one_of("capture_method", CAPTURE_METHODS),
    text("currency"),
    text("customer"),
    unsupported("customer_account"),
    removable("description"),
    unsupported("excluded_payment_method_types"),
    unsupported("hooks"),
    metadata(),
    unsupported("payment_details"),
    text("payment_method"),
    unsupported("payment_method_configuration"),
    unsupported("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    removable("receipt_email"),
    one_of("setup_future_usage", FUTURE_USAGES),
    appearance("shipping"),
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    unsupported("transfer_data"),
    unsupported("transfer_group"),
];

pub(super) const CONFIRM: &[Parameter] = &[
    texts("allowed_payment_method_types"),
    unsupported("amount_details"),
    unsupported("amount_to_confirm"),
    one_of("capture_method", CAPTURE_METHODS),
    unsupported("confirmation_token"),
    boolean("error_on_requires_action"),
    texts("excluded_payment_method_types"),
    unsupported("hooks"),
    unsupported("mandate"),
    unsupported("mandate_data"),
    one_of("off_session", OFF_SESSION),
    unsupported("payment_details"),
    text("payment_method"),
    unsupported("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unsupported("radar_options"),
    removable("receipt_email"),
    text("return_url"),
    one_of("setup_future_usage", FUTURE_USAGES),
    appearance("shipping"),
    unsupported("use_stripe_sdk"),
];

pub(super) const CAPTURE: &[Parameter] = &[
    unsupported("amount_details"),
    integer("amount_to_capture"),
    unsupported("application_fee_amount"),
    unsupported("final_capture"),
    unsupported("hooks"),
    metadata(),
    unsupported("payment_details"),
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    unsupported("transfer_data"),
];

pub(super) const CANCEL: &[Parameter] = &[one_of(
    "cancellation_reason",
    &["abandoned", "duplicate", "fraudulent", "requested_by_customer"],
)];

pub(super) const RETRIEVE: &[Parameter] = &[text("client_secret")];

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("customer"),
    unsupported("customer_account"),
    text("ending_before"),
    integer("limit"),
    text("starting_after"),
];

const OFF_SESSION: &[&str] = &["true", "false", "one_off", "recurring"];
