//! The names of what the shop offers by id: ways of shipping, means of payment, countries.

use domain::{Actor, DeclineReason, HistoryKind, Money};

use crate::{Text, message};

impl Text {
    /// The name of a way of shipping.
    pub fn shipping(&self, id: &str) -> String {
        message!(self, "shipping-method", id = id)
    }

    /// How long a way of shipping takes, and from which subtotal on it costs nothing.
    pub fn shipping_time(&self, id: &str, free_from: Option<Money>) -> String {
        let time = message!(self, "shipping-time", id = id);
        match free_from {
            Some(subtotal) => {
                message!(self, "shipping-free-from", time = time, subtotal = self.money(subtotal))
            }
            None => time,
        }
    }

    /// The name of a means of payment.
    pub fn payment_method(&self, id: &str) -> String {
        message!(self, "payment-method", id = id)
    }

    /// Why a payment was declined, in a sentence.
    pub fn decline_reason(&self, reason: DeclineReason) -> String {
        message!(self, "decline-reason", id = reason.as_str())
    }

    /// What happened to an order.
    pub fn history_kind(&self, kind: HistoryKind) -> String {
        message!(self, "history-kind", kind = kind.as_str())
    }

    /// Who did it.
    pub fn history_actor(&self, actor: Actor) -> String {
        message!(self, "history-actor", actor = actor.as_str())
    }

    /// Why it happened.
    pub fn history_reason(&self, reason: &str) -> String {
        message!(self, "history-reason", reason = reason)
    }

    /// The name of a country, by its ISO 3166-1 code.
    pub fn country(&self, code: &str) -> String {
        message!(self, "country", code = code)
    }
}
