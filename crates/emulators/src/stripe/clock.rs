//! What happens by itself when time passes: sessions and authorizations expire, and the refunds of
//! some test cards change.

use super::context::Context;
use super::lifecycle;
use super::objects::{Charge, Session};
use super::refunds;
use super::sessions;

/// Does what is due by the emulator's clock.
pub(super) fn settle(context: &mut Context) {
    expire_sessions(context);
    expire_authorizations(context);
    refunds::settle(context);
}

fn expire_sessions(context: &mut Context) {
    let is_due = |session: &&Session| session.status == "open" && session.expires_at <= context.now;
    let due: Vec<Session> = context.store.sessions.all().iter().filter(is_due).cloned().collect();
    for session in due {
        sessions::end(context, session);
    }
}

/// An authorization that nobody captures in time is released, and its PaymentIntent is canceled
/// (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
fn expire_authorizations(context: &mut Context) {
    let is_due =
        |charge: &&Charge| charge.amount_held() > 0 && charge.capture_before <= context.now;
    let charges = context.store.charges.all().iter();
    let due: Vec<String> =
        charges.filter(is_due).map(|charge| charge.payment_intent.clone()).collect();
    for id in due {
        if let Ok(intent) = context.store.payment_intents.get(&id, "intent") {
            // One whose charge is held can be canceled.
            let _ = lifecycle::cancel(context, intent, Some(String::from("automatic")));
        }
    }
}
