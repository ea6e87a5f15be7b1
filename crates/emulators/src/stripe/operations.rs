//! The operations of the API: method, path, parameters, and what they do.

use super::context::Context;
use super::parameters::Parameters;
use super::problem::Answer;
use super::schema::Parameter;
use super::{
    account, charges, customers, disputes, events, payment_intent_parameters as intents,
    payment_intents, payment_methods, refunds, session_parameters, sessions,
    webhook_endpoints as endpoints,
};

/// An operation gets the id in the path, or an empty one.
type Run = fn(&mut Context, &str, &Parameters) -> Answer;

pub(super) struct Operation<'a> {
    pub id: &'a str,
    pub parameters: &'static [Parameter],
    pub run: Run,
}

const NONE: &[Parameter] = &[];

/// The operation of a request under `/v1`.
pub(super) fn find<'a>(method: &str, path: &[&'a str]) -> Option<Operation<'a>> {
    let (id, parameters, run) = match (method, path) {
        (_, ["checkout", "sessions", rest @ ..]) => of_sessions(method, rest)?,
        (_, ["payment_intents", rest @ ..]) => of_payment_intents(method, rest)?,
        (_, ["customers", rest @ ..]) => of_customers(method, rest)?,
        (_, ["payment_methods", rest @ ..]) => of_payment_methods(method, rest)?,
        (_, ["webhook_endpoints", rest @ ..]) => of_endpoints(method, rest)?,
        (_, ["disputes", rest @ ..]) => of_disputes(method, rest)?,
        ("POST", ["refunds"]) => ("", refunds::CREATE, refunds::create as Run),
        ("GET", ["refunds"]) => ("", refunds::LIST, refunds::list as Run),
        ("POST", ["refunds", id]) => (*id, refunds::UPDATE, refunds::update as Run),
        ("GET", ["refunds", id]) => (*id, NONE, refunds::retrieve as Run),
        ("GET", ["charges"]) => ("", charges::LIST, charges::list as Run),
        ("GET", ["charges", id]) => (*id, NONE, charges::retrieve as Run),
        ("GET", ["events"]) => ("", events::LIST, events::list as Run),
        ("GET", ["events", id]) => (*id, NONE, events::retrieve as Run),
        ("GET", ["account"]) => ("", NONE, account::retrieve as Run),
        ("GET", ["balance"]) => ("", NONE, account::balance as Run),
        ("GET", ["country_specs", id]) => (*id, NONE, account::country as Run),
        _ => return None,
    };
    Some(Operation { id, parameters, run })
}

type Found<'a> = (&'a str, &'static [Parameter], Run);

fn of_sessions<'a>(method: &str, path: &[&'a str]) -> Option<Found<'a>> {
    Some(match (method, path) {
        ("POST", []) => ("", session_parameters::CREATE, sessions::create),
        ("GET", []) => ("", session_parameters::LIST, sessions::list),
        ("GET", [id]) => (id, NONE, sessions::retrieve),
        ("POST", [id]) => (id, session_parameters::UPDATE, sessions::update),
        ("POST", [id, "expire"]) => (id, NONE, sessions::expire),
        ("GET", [id, "line_items"]) => {
            (id, session_parameters::LIST_LINE_ITEMS, sessions::list_line_items)
        }
        _ => return None,
    })
}

fn of_payment_intents<'a>(method: &str, path: &[&'a str]) -> Option<Found<'a>> {
    Some(match (method, path) {
        ("POST", []) => ("", intents::CREATE, payment_intents::create),
        ("GET", []) => ("", intents::LIST, payment_intents::list),
        ("GET", [id]) => (id, intents::RETRIEVE, payment_intents::retrieve),
        ("POST", [id]) => (id, intents::UPDATE, payment_intents::update),
        ("POST", [id, "confirm"]) => (id, intents::CONFIRM, payment_intents::confirm),
        ("POST", [id, "capture"]) => (id, intents::CAPTURE, payment_intents::capture),
        ("POST", [id, "cancel"]) => (id, intents::CANCEL, payment_intents::cancel),
        _ => return None,
    })
}

fn of_customers<'a>(method: &str, path: &[&'a str]) -> Option<Found<'a>> {
    Some(match (method, path) {
        ("POST", []) => ("", customers::CREATE, customers::create),
        ("GET", []) => ("", customers::LIST, customers::list),
        ("GET", [id]) => (id, NONE, customers::retrieve),
        ("POST", [id]) => (id, customers::UPDATE, customers::update),
        ("DELETE", [id]) => (id, NONE, customers::delete),
        ("GET", [id, "payment_methods"]) => {
            (id, payment_methods::LIST, payment_methods::list_of_customer)
        }
        _ => return None,
    })
}

fn of_payment_methods<'a>(method: &str, path: &[&'a str]) -> Option<Found<'a>> {
    Some(match (method, path) {
        ("POST", []) => ("", payment_methods::CREATE, payment_methods::create),
        ("GET", []) => ("", payment_methods::LIST, payment_methods::list),
        ("GET", [id]) => (id, NONE, payment_methods::retrieve),
        ("POST", [id]) => (id, payment_methods::UPDATE, payment_methods::update),
        ("POST", [id, "attach"]) => (id, payment_methods::ATTACH, payment_methods::attach),
        ("POST", [id, "detach"]) => (id, NONE, payment_methods::detach),
        _ => return None,
    })
}

fn of_endpoints<'a>(method: &str, path: &[&'a str]) -> Option<Found<'a>> {
    Some(match (method, path) {
        ("POST", []) => ("", endpoints::CREATE, endpoints::create),
        ("GET", []) => ("", endpoints::LIST, endpoints::list),
        ("GET", [id]) => (id, NONE, endpoints::retrieve),
        ("POST", [id]) => (id, endpoints::UPDATE, endpoints::update),
        ("DELETE", [id]) => (id, NONE, endpoints::delete),
        _ => return None,
    })
}

fn of_disputes<'a>(method: &str, path: &[&'a str]) -> Option<Found<'a>> {
    Some(match (method, path) {
        ("GET", []) => ("", disputes::LIST, disputes::list),
        ("GET", [id]) => (id, NONE, disputes::retrieve),
        ("POST", [id]) => (id, disputes::UPDATE, disputes::update),
        ("POST", [id, "close"]) => (id, NONE, disputes::close),
        _ => return None,
    })
}
