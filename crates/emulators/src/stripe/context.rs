//! What an operation works with: the objects, the clock, and the events that it causes.

use serde_json::Value;

use super::events::{Event, Origin};
use super::objects::{Charge, Customer, Dispute, PaymentIntent, PaymentMethod, Refund, Session};
use super::table::{Object, Table};
use super::webhook_endpoints::Endpoint;
use crate::identifiers::Identifiers;

/// Every object of the account.
#[derive(Debug, Default, Clone)]
pub(super) struct Store {
    pub customers: Table<Customer>,
    pub payment_methods: Table<PaymentMethod>,
    pub payment_intents: Table<PaymentIntent>,
    pub charges: Table<Charge>,
    pub refunds: Table<Refund>,
    pub disputes: Table<Dispute>,
    pub sessions: Table<Session>,
    pub events: Table<Event>,
    pub endpoints: Table<Endpoint>,
}

impl Store {
    /// The object with this id, as the API shows it.
    pub fn show(&self, id: &str) -> Option<Value> {
        fn show<T: Object>(table: &Table<T>, id: &str) -> Option<Value> {
            serde_json::to_value(table.find(id)?).ok()
        }
        show(&self.payment_intents, id)
            .or_else(|| show(&self.charges, id))
            .or_else(|| show(&self.payment_methods, id))
            .or_else(|| show(&self.customers, id))
            .or_else(|| show(&self.refunds, id))
            .or_else(|| show(&self.disputes, id))
            .or_else(|| show(&self.sessions, id))
    }

    /// The last charge of a PaymentIntent.
    pub fn charge_of(&self, intent: &PaymentIntent) -> Option<Charge> {
        self.charges.find(intent.latest_charge.as_deref()?).cloned()
    }
}

pub(super) struct Context<'a> {
    pub store: &'a mut Store,
    pub identifiers: &'a Identifiers,
    pub base_url: &'a str,
    /// Unix seconds by the emulator's clock.
    pub now: i64,
    /// The request that causes events.
    pub origin: Origin,
    /// The ids of the events that were caused.
    pub caused: Vec<String>,
}

impl Context<'_> {
    /// A new object's id: a prefix and 24 digits.
    pub fn new_id(&self, prefix: &str) -> String {
        let hex = self.identifiers.hex();
        format!("{prefix}_{}", hex.get(..24).unwrap_or(&hex))
    }

    /// Records an event about an object.
    pub fn record(&mut self, kind: &'static str, object: &impl Object) {
        let shown = serde_json::to_value(object).unwrap_or_default();
        let endpoints = self.store.endpoints.all().iter();
        let receivers: Vec<String> =
            endpoints.filter(|each| each.wants(kind)).map(|each| each.id.clone()).collect();
        let id = self.new_id("evt");
        let event = Event::new(id.clone(), kind, self.now, shown, self.origin.clone(), receivers);
        self.store.events.put(event);
        self.caused.push(id);
    }
}
