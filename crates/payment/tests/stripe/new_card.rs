//! A new card: the page on which it is entered.

use domain::{Currency, EmailAddress, Language, Money, Quantity};
use payment::{
    Authorization, AuthorizeRequest, Gateway, GatewayCustomer, GatewayError, GatewayReference,
    Market, PaymentLine, Timing,
};
use serde_json::Value;

use crate::support::{
    Reaction, Received, Server, broken, fails, money, ok, request, session, stored_failure,
};

const CREATE: &str = "POST /v1/checkout/sessions";

async fn created(request: &AuthorizeRequest) -> Received {
    let server = Server::start(vec![(CREATE, ok(session("open", Value::Null)))]).await;
    server.gateway().authorize(request).await.unwrap();
    server.requests().remove(0)
}

fn line(name: &str, quantity: u32, minor: i64) -> PaymentLine {
    let quantity = Quantity::new(quantity).unwrap();
    PaymentLine { name: name.to_owned(), quantity, unit: money(minor) }
}

#[tokio::test]
async fn x166_a_new_card_is_held_and_not_charged_on_stripes_page() {
    let server = Server::start(vec![(CREATE, ok(session("open", Value::Null)))]).await;
    let answer = server.gateway().authorize(&request()).await.unwrap();
    let Authorization::ActionNeeded { reference, url, until } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(reference, GatewayReference::new("cs_1"));
    assert_eq!(url.as_str(), "https://checkout.stripe.com/c/pay/cs_1");
    assert_eq!(until, request().expires_at);
    let sent = server.requests().remove(0);
    let expected = [
        ("mode", "payment"),
        ("client_reference_id", "00000000000000000000000000000007"),
        ("expires_at", "1795869060"),
        ("success_url", "https://shop.example/checkout/return/1"),
        ("cancel_url", "https://shop.example/checkout/payment"),
        ("locale", "en"),
        ("payment_intent_data[capture_method]", "manual"),
        ("payment_intent_data[description]", "M-2026-0001"),
        ("metadata[marigold_payment]", "00000000000000000000000000000007"),
        ("metadata[marigold_order]", "00000000000000000000000000000009"),
        ("payment_intent_data[metadata][marigold_payment]", "00000000000000000000000000000007"),
        ("payment_intent_data[metadata][marigold_order]", "00000000000000000000000000000009"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "2500"),
        ("line_items[0][price_data][product_data][name]", "M-2026-0001"),
        ("line_items[0][quantity]", "1"),
    ];
    let sent: Vec<_> =
        sent.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn every_request_names_version_key_and_idempotency_key() {
    let sent = created(&request()).await;
    assert_eq!(sent.header("stripe-version"), Some("2026-10-28.endive"));
    assert_eq!(sent.header("authorization"), Some("Bearer sk_test_0123456789abcdef"));
    assert_eq!(sent.key(), "marigold-00000000000000000000000000000007-create-session");
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn a_card_is_saved_for_a_customer_who_consented_and_for_nobody_else() {
    let guest = AuthorizeRequest { email: EmailAddress::parse("ada@example.com"), ..request() };
    let sent = created(&guest).await;
    assert_eq!(sent.field("customer_email"), Some("ada@example.com"));
    assert_eq!(sent.field("customer"), None);
    assert_eq!(sent.field("payment_intent_data[setup_future_usage]"), None);
    let customer = Some(GatewayCustomer("cus_1".to_owned()));
    let sent = created(&AuthorizeRequest { save_for: customer, ..guest }).await;
    assert_eq!(sent.field("customer"), Some("cus_1"));
    assert_eq!(sent.field("customer_email"), None, "Stripe refuses both");
    assert_eq!(sent.field("payment_intent_data[setup_future_usage]"), Some("on_session"));
}

#[tokio::test]
async fn lines_are_shown_if_they_add_up_to_the_amount() {
    let lines = vec![line("Mug & saucer", 2, 10_00), line("Gift", 1, 0), line("Post", 1, 5_00)];
    let sent = created(&AuthorizeRequest { lines, ..request() }).await;
    let name = |index| sent.field(&format!("line_items[{index}][price_data][product_data][name]"));
    assert_eq!((name(0), name(1), name(2)), (Some("Mug & saucer"), Some("Post"), None));
    assert_eq!(sent.field("line_items[0][quantity]"), Some("2"));
    assert_eq!(sent.field("line_items[0][price_data][unit_amount]"), Some("1000"));
}

#[tokio::test]
async fn x166_lines_that_do_not_add_up_never_change_the_amount() {
    let dollars = PaymentLine {
        unit: Money::new(25_00, Currency::parse("USD").unwrap()),
        ..line("Mug", 1, 0)
    };
    for lines in [
        vec![],
        vec![line("Mug", 2, 10_00)],
        vec![line("Mug", 3, 10_00)],
        vec![line("Mug", 1, 30_00), line("Discount", 1, -5_00)],
        vec![line(" ", 1, 25_00)],
        vec![line("Mug", 20, i64::MAX)],
        vec![dollars],
        vec![line("Pen", 1, 25); 101],
    ] {
        let sent = created(&AuthorizeRequest { lines, ..request() }).await;
        assert_eq!(sent.field("line_items[0][price_data][unit_amount]"), Some("2500"));
        assert_eq!(sent.field("line_items[0][quantity]"), Some("1"));
        assert_eq!(sent.field("line_items[1][quantity]"), None);
    }
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_shopper_where_stripe_has_it() {
    for (locale, expected) in [
        (Language::English, "en"),
        (Language::Spanish, "es"),
        (Language::Portuguese, "pt-BR"),
        (Language::Hindi, "hi-IN"),
        (Language::Indonesian, "id"),
        (Language::Arabic, "auto"),
        (Language::German, "de"),
        (Language::French, "fr"),
    ] {
        let sent = created(&AuthorizeRequest { locale, ..request() }).await;
        assert_eq!(sent.field("locale"), Some(expected));
    }
}

#[tokio::test]
async fn x161_a_lost_answer_is_asked_for_with_the_same_key_and_parameters() {
    for lost in [Reaction::Drop, Reaction::CutOff] {
        let script = vec![(CREATE, lost), (CREATE, ok(session("open", Value::Null)))];
        let server = Server::start(script).await;
        assert!(server.gateway().authorize(&request()).await.is_ok());
        let sent = server.requests();
        assert_eq!(sent[0].key(), sent[1].key());
        assert_eq!(sent[0].fields, sent[1].fields);
    }
}

#[tokio::test]
async fn x161_after_a_stored_failure_the_page_is_created_with_a_new_key() {
    for failure in [broken, stored_failure] {
        let script = vec![(CREATE, failure()), (CREATE, ok(session("open", Value::Null)))];
        let server = Server::start(script).await;
        assert!(server.gateway().authorize(&request()).await.is_ok());
        let sent = server.requests();
        assert_eq!(sent[1].key(), format!("{}-2", sent[0].key()));
        assert_eq!(sent[0].fields, sent[1].fields);
    }
}

#[tokio::test]
async fn x161_a_key_with_other_parameters_is_a_fault_of_the_shop() {
    let script = vec![(CREATE, fails(400, "idempotency_error", ""))];
    let server = Server::start(script).await;
    let answer = server.gateway().authorize(&request()).await;
    assert_eq!(answer, Err(GatewayError::IdReused));
    server.requests();
}

#[tokio::test]
async fn x160_an_amount_that_stripe_refuses_is_neither_offered_nor_sent() {
    let server = Server::start(Vec::new()).await;
    let gateway = server.gateway();
    for (minor, code, is_offered) in [
        (25_00, "EUR", true),
        (49, "EUR", false),
        (0, "EUR", false),
        (5, "ISK", true),
        (50_050, "MGA", false),
        (5_124, "KWD", false),
        (5_000, "IQD", false),
        (1_000_000_000_000, "EUR", false),
    ] {
        let total = Money::new(minor, Currency::parse(code).unwrap());
        let market = Market { currency: total.currency(), country: None, total };
        let methods = gateway.methods(&market);
        assert_eq!(!methods.is_empty(), is_offered, "{minor} {code}");
        assert!(methods.iter().all(|method| method.timing == Timing::AuthorizeFirst));
        if !is_offered {
            let answer = gateway.authorize(&AuthorizeRequest { amount: total, ..request() }).await;
            assert_eq!(answer, Err(GatewayError::Rejected), "{minor} {code}");
        }
    }
    server.requests();
}
