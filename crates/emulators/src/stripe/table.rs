//! Objects of one type in the order of their creation, and the lists of the API
//! (<https://docs.stripe.com/api/pagination>).

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::objects::{Charge, Customer, Dispute, PaymentIntent, PaymentMethod, Refund, Session};
use super::parameters::Parameters;
use super::problem::{Answer, Problem};

/// An object of the API.
pub(super) trait Object: Serialize {
    /// What `object` says.
    const NAME: &'static str;
    fn id(&self) -> &str;
    fn created(&self) -> i64;
}

macro_rules! objects {
    ($($type:ident $name:literal)*) => {
        $(impl Object for $type {
            const NAME: &'static str = $name;
            fn id(&self) -> &str {
                &self.id
            }
            fn created(&self) -> i64 {
                self.created
            }
        })*
    };
}

objects! {
    Customer "customer"
    PaymentMethod "payment_method"
    PaymentIntent "payment_intent"
    Charge "charge"
    Refund "refund"
    Dispute "dispute"
    Session "checkout.session"
}

#[derive(Debug, Clone)]
pub(super) struct Table<T> {
    rows: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Object> Table<T> {
    /// Adds an object, or replaces the one with the same id.
    pub fn put(&mut self, row: T) {
        match self.places.get(row.id()) {
            Some(place) => {
                if let Some(old) = self.rows.get_mut(*place) {
                    *old = row;
                }
            }
            None => {
                self.places.insert(String::from(row.id()), self.rows.len());
                self.rows.push(row);
            }
        }
    }

    pub fn find(&self, id: &str) -> Option<&T> {
        self.rows.get(*self.places.get(id)?)
    }

    /// A copy of the object, or the error that says which parameter names none.
    pub fn get(&self, id: &str, param: &str) -> Result<T, Problem>
    where
        T: Clone,
    {
        self.find(id).cloned().ok_or_else(|| Problem::no_such(T::NAME, id, param))
    }

    /// All objects, oldest first.
    pub fn all(&self) -> &[T] {
        &self.rows
    }

    /// A page of the list, newest first, of the objects that are wanted.
    pub fn list(
        &self,
        url: &str,
        parameters: &Parameters,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Answer {
        let limit = parameters.integer("limit").unwrap_or(10);
        if !(1..=100).contains(&limit) {
            let message = "This value must be between 1 and 100.";
            let problem = Problem::malformed("limit", message);
            return Err(problem.with_code("parameter_invalid_integer"));
        }
        let period = Period::of(parameters);
        let wanted: Vec<&T> = self
            .rows
            .iter()
            .rev()
            .filter(|row| period.includes(row.created()) && is_wanted(row))
            .collect();
        let limit = usize::try_from(limit).unwrap_or(10);
        let (page, has_more) = self.page(&wanted, parameters, limit)?;
        Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": page }))
    }

    /// `starting_after` continues to older objects, `ending_before` goes back to newer ones.
    fn page<'a>(
        &self,
        wanted: &[&'a T],
        parameters: &Parameters,
        limit: usize,
    ) -> Result<(Vec<&'a T>, bool), Problem> {
        // Objects that have left the list since then still say where to continue.
        let place = |param: &str| -> Result<Option<usize>, Problem> {
            let Some(id) = parameters.text(param) else { return Ok(None) };
            let no_such = || Problem::no_such(T::NAME, id, param);
            self.places.get(id).copied().map(Some).ok_or_else(no_such)
        };
        let place_of = |row: &T| self.places.get(row.id()).copied().unwrap_or_default();
        if let Some(before) = place("ending_before")? {
            let newer: Vec<&T> =
                wanted.iter().copied().filter(|row| place_of(row) > before).collect();
            let start = newer.len().saturating_sub(limit);
            return Ok((newer.get(start..).unwrap_or_default().to_vec(), start > 0));
        }
        let after = place("starting_after")?;
        let older: Vec<&T> = wanted
            .iter()
            .copied()
            .filter(|row| after.is_none_or(|after| place_of(row) < after))
            .collect();
        Ok((older.iter().take(limit).copied().collect(), older.len() > limit))
    }
}

/// The parameter `created`: seconds, or a range of them.
struct Period {
    from: i64,
    to: i64,
}

impl Period {
    fn of(parameters: &Parameters) -> Self {
        if let Some(second) = parameters.integer("created") {
            return Self { from: second, to: second };
        }
        let bound = |name: &str| parameters.pointer(&format!("/created/{name}"))?.as_i64();
        let from = bound("gte").or_else(|| bound("gt").map(|second| second.saturating_add(1)));
        let to = bound("lte").or_else(|| bound("lt").map(|second| second.saturating_sub(1)));
        Self { from: from.unwrap_or(i64::MIN), to: to.unwrap_or(i64::MAX) }
    }

    fn includes(&self, second: i64) -> bool {
        (self.from..=self.to).contains(&second)
    }
}

/// A list of everything, as a part of an object.
pub(super) fn whole(url: &str, data: &[Value]) -> Value {
    json!({ "object": "list", "url": url, "has_more": false, "data": data })
}
