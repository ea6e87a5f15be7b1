//! The parameters of the operations on PaymentIntents (<https://docs.stripe.com/api/payment_intents>).

use super::schema::{
    Parameter, appearance, boolean, integer, metadata, object, one_of, period, removable, text,
    texts, unplayed,
};

pub(super) const CAPTURE_METHODS: &[&str] = &["automatic", "automatic_async", "manual"];
pub(super) const FUTURE_USAGES: &[&str] = &["off_session", "on_session"];

/// `payment_method_options`.
const CARD_OPTIONS: &[Parameter] = &[object(
    "card",
    &[
        one_of("request_three_d_secure", SECURE_REQUESTS),
        unplayed("capture_method"),
        unplayed("cvc_token"),
        unplayed("installments"),
        unplayed("mandate_options"),
        unplayed("moto"),
        unplayed("network"),
        unplayed("request_extended_authorization"),
        unplayed("request_incremental_authorization"),
        unplayed("request_multicapture"),
        unplayed("request_overcapture"),
        unplayed("require_cvc_recollection"),
        unplayed("setup_credential_usage"),
        unplayed("setup_future_usage"),
        unplayed("statement_descriptor_suffix_kana"),
        unplayed("statement_descriptor_suffix_kanji"),
        unplayed("stored_credential_usage"),
        unplayed("three_d_secure"),
    ],
)];

/// When a merchant asks for 3-D Secure.
pub(super) const SECURE_REQUESTS: &[&str] = &["any", "automatic", "challenge"];

pub(super) const CREATE: &[Parameter] = &[
    texts("allowed_payment_method_types"),
    integer("amount").required(),
    unplayed("amount_details"),
    unplayed("application_fee_amount"),
    object(
        "automatic_payment_methods",
        &[boolean("enabled").required(), one_of("allow_redirects", &["always", "never"])],
    ),
    one_of("capture_method", CAPTURE_METHODS),
    boolean("confirm"),
    one_of("confirmation_method", &["automatic", "manual"]),
    unplayed("confirmation_token"),
    text("currency").required(),
    text("customer"),
    unplayed("customer_account"),
    removable("description"),
    boolean("error_on_requires_action"),
    texts("excluded_payment_method_types"),
    unplayed("hooks"),
    unplayed("mandate"),
    unplayed("mandate_data"),
    metadata(),
    one_of("off_session", OFF_SESSION),
    unplayed("on_behalf_of"),
    unplayed("payment_details"),
    text("payment_method"),
    unplayed("payment_method_configuration"),
    unplayed("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unplayed("radar_options"),
    removable("receipt_email"),
    text("return_url"),
    one_of("setup_future_usage", FUTURE_USAGES),
    appearance("shipping"),
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    unplayed("transfer_data"),
    unplayed("transfer_group"),
    unplayed("use_stripe_sdk"),
];

pub(super) const UPDATE: &[Parameter] = &[
    unplayed("allowed_payment_method_types"),
    integer("amount"),
    unplayed("amount_details"),
    unplayed("application_fee_amount"),
    one_of("capture_method", CAPTURE_METHODS),
    text("currency"),
    text("customer"),
    unplayed("customer_account"),
    removable("description"),
    unplayed("excluded_payment_method_types"),
    unplayed("hooks"),
    metadata(),
    unplayed("payment_details"),
    text("payment_method"),
    unplayed("payment_method_configuration"),
    unplayed("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    removable("receipt_email"),
    one_of("setup_future_usage", FUTURE_USAGES),
    appearance("shipping"),
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    unplayed("transfer_data"),
    unplayed("transfer_group"),
];

pub(super) const CONFIRM: &[Parameter] = &[
    texts("allowed_payment_method_types"),
    unplayed("amount_details"),
    unplayed("amount_to_confirm"),
    one_of("capture_method", CAPTURE_METHODS),
    unplayed("confirmation_token"),
    boolean("error_on_requires_action"),
    texts("excluded_payment_method_types"),
    unplayed("hooks"),
    unplayed("mandate"),
    unplayed("mandate_data"),
    one_of("off_session", OFF_SESSION),
    unplayed("payment_details"),
    text("payment_method"),
    unplayed("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unplayed("radar_options"),
    removable("receipt_email"),
    text("return_url"),
    one_of("setup_future_usage", FUTURE_USAGES),
    appearance("shipping"),
    unplayed("use_stripe_sdk"),
];

pub(super) const CAPTURE: &[Parameter] = &[
    unplayed("amount_details"),
    integer("amount_to_capture"),
    unplayed("application_fee_amount"),
    unplayed("final_capture"),
    unplayed("hooks"),
    metadata(),
    unplayed("payment_details"),
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    unplayed("transfer_data"),
];

pub(super) const CANCEL: &[Parameter] = &[one_of(
    "cancellation_reason",
    &["abandoned", "duplicate", "fraudulent", "requested_by_customer"],
)];

pub(super) const RETRIEVE: &[Parameter] = &[text("client_secret")];

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("customer"),
    unplayed("customer_account"),
    text("ending_before"),
    integer("limit"),
    text("starting_after"),
];

const OFF_SESSION: &[&str] = &["true", "false", "one_off", "recurring"];
