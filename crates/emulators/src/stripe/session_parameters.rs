//! The parameters of the operations on Checkout Sessions (<https://docs.stripe.com/api/checkout/sessions>).

use super::line_items::{LINE_ITEM, SHIPPING_OPTION};
use super::payment_intent_parameters::{CAPTURE_METHODS, FUTURE_USAGES, SECURE_REQUESTS};
use super::schema::{
    Parameter, appearance, integer, metadata, object, objects, one_of, period, text, texts,
    unplayed,
};

/// `payment_method_options`.
const CARD_OPTIONS: &[Parameter] = &[object(
    "card",
    &[
        unplayed("capture_method"),
        unplayed("installments"),
        unplayed("request_extended_authorization"),
        unplayed("request_incremental_authorization"),
        unplayed("request_multicapture"),
        unplayed("request_overcapture"),
        one_of("request_three_d_secure", SECURE_REQUESTS),
        unplayed("restrictions"),
        unplayed("setup_future_usage"),
        unplayed("statement_descriptor_suffix_kana"),
        unplayed("statement_descriptor_suffix_kanji"),
    ],
)];

pub(super) const CREATE: &[Parameter] = &[
    unplayed("adaptive_pricing"),
    unplayed("after_expiration"),
    unplayed("allow_promotion_codes"),
    texts("allowed_payment_method_types"),
    unplayed("automatic_tax"),
    appearance("billing_address_collection"),
    appearance("branding_settings"),
    text("cancel_url"),
    text("client_reference_id"),
    unplayed("consent_collection"),
    text("currency"),
    unplayed("custom_fields"),
    appearance("custom_text"),
    text("customer"),
    unplayed("customer_account"),
    one_of("customer_creation", &["always", "if_required"]),
    text("customer_email"),
    appearance("customer_update"),
    unplayed("discounts"),
    texts("excluded_payment_method_types"),
    integer("expires_at"),
    unplayed("integration_identifier"),
    unplayed("invoice_creation"),
    objects("line_items", LINE_ITEM),
    text("locale"),
    unplayed("managed_payments"),
    metadata(),
    one_of("mode", &["payment", "setup", "subscription"]).required(),
    unplayed("name_collection"),
    unplayed("optional_items"),
    unplayed("origin_context"),
    object(
        "payment_intent_data",
        &[
            unplayed("application_fee_amount"),
            one_of("capture_method", CAPTURE_METHODS),
            text("description"),
            metadata(),
            unplayed("on_behalf_of"),
            text("receipt_email"),
            one_of("setup_future_usage", FUTURE_USAGES),
            appearance("shipping"),
            text("statement_descriptor"),
            text("statement_descriptor_suffix"),
            unplayed("transfer_data"),
            unplayed("transfer_group"),
        ],
    ),
    unplayed("payment_method_collection"),
    unplayed("payment_method_configuration"),
    unplayed("payment_method_data"),
    object("payment_method_options", CARD_OPTIONS),
    unplayed("permissions"),
    appearance("phone_number_collection"),
    unplayed("redirect_on_completion"),
    unplayed("return_url"),
    object(
        "saved_payment_method_options",
        &[
            appearance("allow_redisplay_filters"),
            one_of("payment_method_remove", &["disabled", "enabled"]),
            one_of("payment_method_save", &["disabled", "enabled"]),
        ],
    ),
    unplayed("setup_intent_data"),
    appearance("shipping_address_collection"),
    objects("shipping_options", SHIPPING_OPTION),
    one_of("submit_type", &["auto", "book", "donate", "pay", "subscribe"]),
    unplayed("subscription_data"),
    text("success_url"),
    unplayed("tax_id_collection"),
    one_of("ui_mode", &["elements", "embedded_page", "form", "hosted_page"]),
    appearance("wallet_options"),
];

pub(super) const UPDATE: &[Parameter] = &[
    unplayed("collected_information"),
    unplayed("line_items"),
    metadata(),
    unplayed("payment_intent_data"),
    unplayed("shipping_options"),
];

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("customer"),
    unplayed("customer_account"),
    unplayed("customer_details"),
    text("ending_before"),
    integer("limit"),
    text("payment_intent"),
    unplayed("payment_link"),
    text("starting_after"),
    one_of("status", &["complete", "expired", "open"]),
    unplayed("subscription"),
];

pub(super) const LIST_LINE_ITEMS: &[Parameter] =
    &[text("ending_before"), integer("limit"), text("starting_after")];
