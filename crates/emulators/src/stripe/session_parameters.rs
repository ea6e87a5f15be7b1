//! The parameters of the operations on Checkout Sessions (<https://docs.stripe.com/api/checkout/sessions>).

use super::line_items::{LINE_ITEM, SHIPPING_OPTION};
use super::payment_intent_parameters::{CAPTURE_METHODS, FUTURE_USAGES, SECURE_REQUESTS};
use super::schema::{
    Parameter, appearance, integer, metadata, object, objects, one_of, period, text, texts,
    unsupported,
};

/// `payment_method_options`.
const CARD_OPTIONS: &[Parameter] = &[object(
    "card",
    &[
        unsupported("capture_method"),
        unsupported("installments"),
        unsupported("request_extended_authorization"),
        unsupported("request_incremental_authorization"),
        unsupported("request_multicapture"),
        unsupported("request_overcapture"),
        one_of("request_three_d_secure", SECURE_REQUESTS),
        unsupported("restrictions"),
        unsupported("setup_future_usage"),
        unsupported("statement_descriptor_suffix_kana"),
        unsupported("statement_descriptor_suffix_kanji"),
    ],
)];

pub(super) const CREATE: &[Parameter] = &[
    unsupported("adaptive_pricing"),
    unsupported("after_expiration"),
    unsupported("allow_promotion_codes"),
    texts("allowed_payment_method_types"),
    unsupported("automatic_tax"),
    appearance("billing_address_collection"),
    appearance("branding_settings"),
    text("cancel_url"),
    text("client_reference_id"),
    unsupported("consent_collection"),
    text("currency"),
    unsupported("custom_fields"),
    appearance("custom_text"),
    text("customer"),
    unsupported("customer_account"),
    one_of("customer_creation", &["always", "if_required"]),
    text("customer_email"),
    appearance("customer_update"),
    unsupported("discounts"),
    texts("excluded_payment_method_types"),
    integer("expires_at"),
    unsupported("integration_identifier"),
    unsupported("invoice_creation"),
    objects("line_items", LINE_ITEM),
    text("locale"),
    unsupported("managed_payments"),
    metadata(),
    one_of("mode", &["payment", "setup", "subscription"]).required(),
    unsupported("name_collection"),
    unsupported("optional_items"),
    unsupported("origin_context"),
    object(
        "payment_intent_data",
        &[
            unsupported("application_fee_amount"),
            one_of("capture_method", CAPTURE_METHODS),
            text("description"),
            metadata(),
            unsupported("on_behalf_of"),
            text("receipt_email"),
            one_of("setup_future_usage", FUTURE_USAGES),
            appearance("shipping"),
            text("statement_descriptor"),
            text("statement_descriptor_suffix"),
            unsupported("transfer_data"),
            unsupported("transfer_group"),
        ],
    ),
    unsupported("payment_method_collection"),
    unsupported("payment_method_configuration"),
    unsupported("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unsupported("permissions"),
    appearance("phone_number_collection"),
    unsupported("redirect_on_completion"),
    unsupported("return_url"),
    object(
        "saved_payment_method_options",
        &[
            appearance("allow_redisplay_filters"),
            one_of("payment_method_remove", &["disabled", "enabled"]),
            one_of("payment_method_save", &["disabled", "enabled"]),
        ],
    ),
    unsupported("setup_intent_data"),
    appearance("shipping_address_collection"),
    objects("shipping_options", SHIPPING_OPTION),
    one_of("submit_type", &["auto", "book", "donate", "pay", "subscribe"]),
    unsupported("subscription_data"),
    text("success_url"),
    unsupported("tax_id_collection"),
    one_of("ui_mode", &["elements", "embedded_page", "form", "hosted_page"]),
    appearance("wallet_options"),
];

pub(super) const UPDATE: &[Parameter] = &[
    unsupported("collected_information"),
    unsupported("line_items"),
    metadata(),
    unsupported("payment_intent_data"),
    unsupported("shipping_options"),
];

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("customer"),
    unsupported("customer_account"),
    unsupported("customer_details"),
    text("ending_before"),
    integer("limit"),
    text("payment_intent"),
    unsupported("payment_link"),
    text("starting_after"),
    one_of("status", &["complete", "expired", "open"]),
    unsupported("subscription"),
];

pub(super) const LIST_LINE_ITEMS: &[Parameter] =
    &[text("ending_before"), integer("limit"), text("starting_after")];
