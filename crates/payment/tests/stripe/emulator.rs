//! The gateway against the emulator of Stripe: whatever fails, the emulator's ledger is right.

use domain::DeclineReason;
use emulators::Fault;
use futures::future::{join, join_all};
use payment::{
    Authorization, AuthorizeRequest, CancelOutcome, CaptureOutcome, EventCursor, EventKind,
    Gateway, GatewayCustomer, GatewayError, GatewayStatus, RawCallback, RefundOutcome,
};
use serde_json::json;
use tokio::sync::mpsc;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::{
    account::{Account, known},
    support::{NOW, money, payment, request},
};

const CARD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
const NEEDS_3D_SECURE: &str = "4000002500003155";

/// The faults after which the shop does not know what happened.
const FAULTS: [Fault; 7] = [
    Fault::Internal,
    Fault::InternalAfter,
    Fault::TooMany,
    Fault::Unavailable,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Truncated,
];

#[tokio::test]
async fn a_new_card_is_held_captured_and_refunded_in_parts() {
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    assert!(matches!(account.state(&page).await.status, GatewayStatus::ActionNeeded { .. }));
    let (status, back) = account.pay(&url, CARD).await;
    assert_eq!((status, back.as_deref()), (303, Some(request().return_url.as_str())));
    let held = account.state(&page).await;
    assert!(matches!(held.status, GatewayStatus::Authorized { until: Some(_) }), "{held:?}");
    assert_eq!((held.amount, held.captured), (money(25_00), money(0)));
    assert_eq!(account.sums().await, (25_00, 0, 0, 1, 0));
    let reference = held.reference;
    assert_eq!(account.capture(&reference, 20_00).await, CaptureOutcome::Captured);
    assert_eq!(account.sums().await, (25_00, 20_00, 0, 0, 0));
    assert_eq!(account.refund(1, &reference, money(5_00)).await, RefundOutcome::Refunded);
    assert_eq!(account.refund(1, &reference, money(5_00)).await, RefundOutcome::Refunded);
    assert_eq!(account.refund(2, &reference, money(15_01)).await, RefundOutcome::Refused);
    assert_eq!(account.refund(3, &reference, money(15_00)).await, RefundOutcome::Refunded);
    assert_eq!(account.refund(4, &reference, money(1)).await, RefundOutcome::Refused);
    assert_eq!(account.sums().await, (25_00, 20_00, 20_00, 0, 0));
    let end = account.state(&reference).await;
    assert_eq!(
        (end.status, end.captured, end.refunded),
        (GatewayStatus::Captured, money(20_00), money(20_00))
    );
}

#[tokio::test]
async fn a_card_with_3d_secure_is_held_only_after_it() {
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    let (status, bank) = account.pay(&url, NEEDS_3D_SECURE).await;
    assert_eq!(status, 303);
    assert!(matches!(account.state(&page).await.status, GatewayStatus::ActionNeeded { .. }));
    let bank = url.join(&bank.unwrap()).unwrap();
    account.post_form(bank.as_str(), "outcome=complete".to_owned()).await;
    assert!(matches!(account.state(&page).await.status, GatewayStatus::Authorized { .. }));
}

#[tokio::test]
async fn x168_after_a_declined_card_the_page_can_be_closed() {
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    assert_eq!(account.pay(&url, DECLINED).await.0, 422);
    assert!(matches!(account.state(&page).await.status, GatewayStatus::ActionNeeded { .. }));
    let canceled = known(|| account.gateway.cancel(&account.payment, Some(&page))).await;
    assert_eq!(canceled, CancelOutcome::Canceled);
    assert_eq!(account.state(&page).await.status, GatewayStatus::Expired);
    assert_ne!(account.pay(&url, CARD).await.0, 303);
    assert_eq!(account.sums().await, (0, 0, 0, 0, 0));
}

#[tokio::test]
async fn x161_whatever_fails_a_payment_is_made_and_refunded_once() {
    for kind in FAULTS {
        for path in ["/checkout/sessions", "/capture", "/refunds", "/v1/"] {
            for times in [1, 2, 4] {
                let account = Account::open().await;
                account.fail(kind, path, times);
                let (page, url) = account.ask().await;
                account.pay(&url, CARD).await;
                let reference = account.state(&page).await.reference;
                let captured = account.capture(&reference, 25_00).await;
                let refunded = account.refund(1, &reference, money(10_00)).await;
                let case = format!("{kind:?} {path} {times}");
                assert_eq!(captured, CaptureOutcome::Captured, "{case}");
                assert_eq!(refunded, RefundOutcome::Refunded, "{case}");
                let (authorized, captured, refunded, held, _) = account.sums().await;
                let expected = (25_00, 25_00, 10_00, 0);
                assert_eq!((authorized, captured, refunded, held), expected, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn x161_many_nodes_at_once_take_and_give_back_the_money_once() {
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    account.pay(&url, CARD).await;
    let captures = (0..20).map(|_| account.capture(&page, 25_00));
    for outcome in join_all(captures).await {
        assert_eq!(outcome, CaptureOutcome::Captured);
    }
    let reference = account.state(&page).await.reference;
    let refunds = (0..20).map(|_| account.refund(1, &reference, money(10_00)));
    for outcome in join_all(refunds).await {
        assert_eq!(outcome, RefundOutcome::Refunded);
    }
    assert_eq!(account.sums().await, (25_00, 25_00, 10_00, 0, 0));
}

#[tokio::test]
async fn x168_capture_and_cancellation_at_once_end_in_one_of_them() {
    for _ in 0..10 {
        let account = Account::open().await;
        let (page, url) = account.ask().await;
        account.pay(&url, CARD).await;
        let (captured, canceled) = join(
            account.capture(&page, 25_00),
            known(|| account.gateway.cancel(&account.payment, Some(&page))),
        )
        .await;
        let is_taken = captured == CaptureOutcome::Captured;
        assert!(is_taken || matches!(captured, CaptureOutcome::Declined(_)), "{captured:?}");
        assert_eq!(canceled == CancelOutcome::AlreadyCaptured, is_taken);
        let (_, taken, _, held, _) = account.sums().await;
        assert_eq!((taken, held), (if is_taken { 25_00 } else { 0 }, 0));
    }
}

#[tokio::test]
async fn x168_payment_and_cancellation_at_once_leave_no_hold() {
    for _ in 0..10 {
        let account = Account::open().await;
        let (page, url) = account.ask().await;
        let cancel = known(|| account.gateway.cancel(&account.payment, Some(&page)));
        let (_, canceled) = join(account.pay(&url, CARD), cancel).await;
        assert_eq!(canceled, CancelOutcome::Canceled);
        let (_, captured, _, held, open) = account.sums().await;
        assert_eq!((captured, held, open), (0, 0, 0));
    }
}

#[tokio::test]
async fn x168_whatever_fails_an_ended_payment_leaves_no_hold() {
    for kind in FAULTS {
        for (is_paid, path) in [(true, "/cancel"), (false, "/expire")] {
            let account = Account::open().await;
            let (page, url) = account.ask().await;
            if is_paid {
                account.pay(&url, CARD).await;
            }
            account.fail(kind, path, 2);
            let canceled = known(|| account.gateway.cancel(&account.payment, Some(&page))).await;
            assert_eq!(canceled, CancelOutcome::Canceled, "{kind:?}");
            let (_, captured, _, held, open) = account.sums().await;
            assert_eq!((captured, held, open), (0, 0, 0), "{kind:?} {path}");
        }
    }
}

#[tokio::test]
async fn x168_a_page_whose_address_was_lost_is_closed_by_the_payments_id() {
    let account = Account::open().await;
    account.fail(Fault::ResetAfter, "/checkout/sessions", 3);
    let lost = account.gateway.authorize(&account.request).await;
    assert_eq!(lost, Err(GatewayError::Unknown));
    assert_eq!(account.sums().await.4, 1, "the page exists, and nobody knows its address");
    let canceled = known(|| account.gateway.cancel(&account.payment, None)).await;
    assert_eq!(canceled, CancelOutcome::Canceled);
    assert_eq!(account.sums().await.4, 0);
}

#[tokio::test]
async fn what_is_not_completed_in_time_expires() {
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    account.control("/emulator/clock", json!({ "advance": 32 * 60 })).await;
    assert_eq!(account.state(&page).await.status, GatewayStatus::Expired);
    assert_ne!(account.pay(&url, CARD).await.0, 303);
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    account.pay(&url, CARD).await;
    let reference = account.state(&page).await.reference;
    account.control("/emulator/clock", json!({ "advance": 8 * 86_400 })).await;
    assert_eq!(account.state(&reference).await.status, GatewayStatus::Expired);
    let late = account.capture(&reference, 25_00).await;
    assert_eq!(late, CaptureOutcome::Declined(DeclineReason::Expired));
    assert_eq!(account.sums().await.1, 0);
}

#[tokio::test]
async fn x161_a_payments_id_is_never_used_for_another_amount() {
    let account = Account::open().await;
    account.ask().await;
    let other = AuthorizeRequest { amount: money(26_00), ..request() };
    assert_eq!(account.gateway.authorize(&other).await, Err(GatewayError::IdReused));
}

#[tokio::test]
async fn a_saved_card_is_held_without_a_page() {
    let account = Account::open().await;
    let customer = account.create("/v1/customers", "name=Ada").await;
    let attach = "/v1/payment_methods/pm_card_visa/attach";
    let method = account.create(attach, &format!("customer={customer}")).await;
    let saved = AuthorizeRequest {
        save_for: Some(GatewayCustomer(customer)),
        saved_method: Some(method),
        ..request()
    };
    let answer = known(|| account.gateway.authorize(&saved)).await;
    assert!(matches!(answer, Authorization::Authorized { .. }), "{answer:?}");
    let state = known(|| account.gateway.find(&account.payment, None)).await.unwrap();
    assert!(matches!(state.status, GatewayStatus::Authorized { .. }), "{state:?}");
    assert_eq!(account.sums().await, (25_00, 0, 0, 1, 0));
}

/// The webhook of a shop, which passes its calls on.
struct Webhook(mpsc::UnboundedSender<Request>);

impl Respond for Webhook {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0.send(request.clone()).ok();
        ResponseTemplate::new(200)
    }
}

#[tokio::test]
async fn events_arrive_by_webhook_and_by_poll_and_name_the_payment() {
    let (sender, mut calls) = mpsc::unbounded_channel();
    let shop = MockServer::start().await;
    Mock::given(any()).respond_with(Webhook(sender)).mount(&shop).await;
    let account = Account::open_with(Some(format!("{}/webhooks/stripe", shop.uri()))).await;
    let (_, url) = account.ask().await;
    account.pay(&url, CARD).await;
    let mut told = false;
    while !told {
        let call = calls.recv().await.unwrap();
        let headers: Vec<_> =
            call.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let call = RawCallback { headers: &headers, body: &call.body, now: NOW };
        let event = account.gateway.callback(&call).unwrap().remove(0);
        told = event.kind == EventKind::Changed && event.payment == Some(payment());
        assert!(!told || event.amount == Some(money(25_00)), "{event:?}");
    }
}

#[tokio::test]
async fn disputes_are_polled_after_the_cursor() {
    let account = Account::open().await;
    let (page, url) = account.ask().await;
    account.pay(&url, CARD).await;
    let reference = account.state(&page).await.reference;
    account.capture(&reference, 25_00).await;
    let before = known(|| account.gateway.poll(None)).await;
    assert!(before.iter().any(|event| event.payment == Some(payment())), "{before:?}");
    let cursor = EventCursor(before.last().unwrap().id.clone());
    let dispute = json!({ "payment_intent": reference.as_str(), "reason": "fraudulent" });
    account.control("/emulator/disputes", dispute).await;
    let after = known(|| account.gateway.poll(Some(&cursor))).await;
    let disputed = after.iter().find_map(|event| match &event.kind {
        EventKind::Dispute(dispute) if event.reference.as_ref() == Some(&reference) => {
            Some(dispute)
        }
        _ => None,
    });
    let disputed = disputed.unwrap_or_else(|| panic!("{after:?}"));
    assert_eq!((disputed.amount, disputed.reason.as_str()), (money(25_00), "fraudulent"));
    assert!(after.iter().all(|event| before.iter().all(|old| old.id != event.id)));
}
