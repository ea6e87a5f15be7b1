//! The pages for the shopper's browser: Checkout, and the bank's page for 3-D Secure. Both are plain
//! forms and work without scripts.

use serde_json::Value;

use super::checkout::{self, Entry};
use super::context::Context;
use super::currency::display;
use super::lifecycle;
use super::objects::{IntentStatus, PaymentIntent, Session};
use crate::http::{ApiRequest, ApiResponse};
use crate::page::{self, escape};

const STYLE: &str = "form{display:grid;gap:.8rem;max-width:26rem}label{display:grid;gap:.2rem}\
input{font:inherit;padding:.5rem;border:1px solid var(--line);border-radius:.4rem}\
label.row{display:flex;align-items:center}button{font:inherit;padding:.7rem;border-radius:.4rem}\
td:last-child{text-align:end}[role=alert]{color:var(--bad);opacity:1}";

/// Whether a request is for a page.
pub(super) fn is_page(path: &str) -> bool {
    path.starts_with("/c/pay/") || path.starts_with("/redirect/authenticate/")
}

pub(super) fn handle(context: &mut Context, request: &ApiRequest) -> ApiResponse {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["c", "pay", id]) => show_checkout(context, id),
        ("POST", ["c", "pay", id]) => pay(context, id, request),
        ("GET", ["redirect", "authenticate", key]) => show_authentication(context, key),
        ("POST", ["redirect", "authenticate", key]) => authenticate(context, key, request),
        _ => not_found(),
    }
}

fn not_found() -> ApiResponse {
    frame(404, "Something went wrong", "<p>The page you were looking for could not be found.</p>")
}

fn frame(status: u16, title: &str, content: &str) -> ApiResponse {
    let page = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>\
         <meta name=viewport content='width=device-width'><style>{}{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{content}\
         <p class=small>Emulator of Stripe: no card is charged.</p></main></body></html>",
        page::STYLE
    );
    page::html(status, page)
}

/// Sends the browser elsewhere.
fn redirect(url: &str) -> ApiResponse {
    let mut response = page::html(303, String::new());
    response.headers.push(("location", String::from(url)));
    response
}

fn show_checkout(context: &Context, id: &str) -> ApiResponse {
    let Some(session) = context.store.sessions.find(id) else { return not_found() };
    checkout_page(session, &Entry::default())
}

fn checkout_page(session: &Session, entry: &Entry) -> ApiResponse {
    let link = |url: &Option<String>, words: &str| {
        let url = url.as_deref().map(|url| url.replace("{CHECKOUT_SESSION_ID}", &session.id));
        url.map(|url| format!("<p><a href='{}'>{words}</a></p>", escape(&url))).unwrap_or_default()
    };
    match session.status {
        "complete" => {
            let back = link(&session.success_url, "Return to the shop");
            return frame(
                200,
                "You're all done here",
                &format!("<p>This page was paid.</p>{back}"),
            );
        }
        "expired" => {
            let back = link(&session.cancel_url, "Return to the shop");
            let words = "<p>The session has expired. You have not been charged.</p>";
            return frame(200, "Something went wrong", &format!("{words}{back}"));
        }
        _ => {}
    }
    let failure =
        session.failure.as_deref().map(|why| format!("<p role=alert>{}</p>", escape(why)));
    let content = format!(
        "{}{}{}{}",
        items(session),
        failure.unwrap_or_default(),
        form(session, entry),
        link(&session.cancel_url, "Back to the shop")
    );
    frame(200, "Checkout", &content)
}

/// The line items, the shipping and the total.
fn items(session: &Session) -> String {
    let row = |name: &str, amount: i64| {
        let amount = display(amount, &session.currency);
        format!("<tr><td>{}</td><td>{amount}</td></tr>", escape(name))
    };
    let mut rows = String::new();
    for item in &session.line_items {
        let number = |name: &str| item.get(name).and_then(Value::as_i64).unwrap_or_default();
        let name = item.get("description").and_then(Value::as_str).unwrap_or_default();
        let name = format!("{name} × {}", number("quantity"));
        rows.push_str(&row(&name, number("amount_total")));
    }
    let shipping = session.amount_total - session.amount_subtotal;
    if shipping > 0 {
        rows.push_str(&row("Shipping", shipping));
    }
    format!("<table>{rows}{}</table>", row("Total", session.amount_total))
}

fn form(session: &Session, entry: &Entry) -> String {
    let field = |label: &str, name: &str, hint: &str, value: &str| {
        format!(
            "<label>{label}<input name={name} required autocomplete='{hint}' value='{}'></label>",
            escape(value)
        )
    };
    let email = match (session.customer_email.as_str(), &session.customer) {
        (None, None) => field("E-mail", "email", "email", &entry.email),
        (Some(email), _) => format!("<p>E-mail: {}</p>", escape(email)),
        _ => String::new(),
    };
    let save = if checkout::offers_to_save(session) {
        "<label class=row><input type=checkbox name=save value=yes>\
         Save payment details for future purchases</label>"
    } else {
        ""
    };
    format!(
        "<form method=post>{email}{}{}{}{}{save}<button>Pay {}</button></form>{HELP}",
        field("Card number", "number", "cc-number", &entry.number),
        field("Expiration date (MM / YY)", "expiry", "cc-exp", &entry.expiry),
        field("Security code", "cvc", "cc-csc", ""),
        field("Cardholder name", "name", "cc-name", &entry.name),
        display(session.amount_total, &session.currency),
    )
}

const HELP: &str = "<details><summary>Test cards</summary><table>\
<tr><td>4242 4242 4242 4242</td><td>succeeds</td></tr>\
<tr><td>4000 0027 6000 3184</td><td>asks for 3-D Secure</td></tr>\
<tr><td>4000 0000 0000 0002</td><td>is declined</td></tr>\
<tr><td>4000 0000 0000 9995</td><td>has insufficient funds</td></tr>\
<tr><td>4000 0000 0000 0259</td><td>is disputed once it is charged</td></tr>\
</table><p>With any date in the future and any security code. Every card of \
docs.stripe.com/testing is known.</p></details>";

fn pay(context: &mut Context, id: &str, request: &ApiRequest) -> ApiResponse {
    let Some(session) = context.store.sessions.find(id).cloned() else { return not_found() };
    let fields = request.form();
    let field = |name: &str| {
        let value = fields.iter().find(|(each, _)| each == name).map(|(_, value)| value.trim());
        value.map(String::from).unwrap_or_default()
    };
    let entry = Entry {
        email: field("email"),
        name: field("name"),
        number: field("number"),
        expiry: field("expiry"),
        cvc: field("cvc"),
        is_to_be_saved: field("save") == "yes",
    };
    if session.status != "open" {
        return checkout_page(&session, &entry);
    }
    match checkout::pay(context, session, &entry) {
        Ok(intent) => next_page(context, id, &intent),
        Err(why) => {
            let Some(mut session) = context.store.sessions.find(id).cloned() else {
                return not_found();
            };
            session.failure = Some(why);
            context.store.sessions.put(session.clone());
            let mut response = checkout_page(&session, &entry);
            response.status = 422;
            response
        }
    }
}

/// The bank's page, or the shop's.
fn next_page(context: &Context, session: &str, intent: &PaymentIntent) -> ApiResponse {
    if let Some(pending) = &intent.authentication {
        return redirect(&format!("/redirect/authenticate/{}", pending.key));
    }
    let success = context.store.sessions.find(session).and_then(|each| each.success_url.as_deref());
    match success {
        Some(url) => redirect(&url.replace("{CHECKOUT_SESSION_ID}", session)),
        None => not_found(),
    }
}

/// The PaymentIntent that waits for this authentication.
fn waiting_intent(context: &Context, key: &str) -> Option<PaymentIntent> {
    let mut intents = context.store.payment_intents.all().iter().rev();
    let has_key = |intent: &&PaymentIntent| {
        intent.authentication.as_ref().is_some_and(|pending| pending.key == key)
    };
    intents.find(has_key).filter(|intent| intent.status == IntentStatus::RequiresAction).cloned()
}

fn show_authentication(context: &Context, key: &str) -> ApiResponse {
    let Some(intent) = waiting_intent(context, key) else { return not_found() };
    let content = format!(
        "<p>The bank asks whether you pay {}.</p><form method=post>\
         <button name=outcome value=complete>Complete</button>\
         <button name=outcome value=fail>Fail</button></form>",
        display(intent.amount, &intent.currency)
    );
    frame(200, "3D Secure 2 Test Page", &content)
}

fn authenticate(context: &mut Context, key: &str, request: &ApiRequest) -> ApiResponse {
    let Some(intent) = waiting_intent(context, key) else { return not_found() };
    let is_complete =
        request.form().iter().any(|(name, value)| name == "outcome" && value == "complete");
    let back = intent.authentication.clone().map(|pending| pending.return_url).unwrap_or_default();
    let (id, secret, session) =
        (intent.id.clone(), intent.client_secret.clone(), intent.session.clone());
    let result = lifecycle::authenticated(context, intent, is_complete);
    let Some(session_id) = session else {
        if back.is_empty() {
            return frame(200, "Thank you", "<p>You can close this page.</p>");
        }
        let status = if result.is_ok() { "succeeded" } else { "failed" };
        return redirect(&with_result(&back, &id, &secret, status));
    };
    match result {
        Ok(intent) => {
            let intent = checkout::completed(context, intent);
            next_page(context, &session_id, &intent)
        }
        Err(problem) => {
            if let Some(mut session) = context.store.sessions.find(&session_id).cloned() {
                session.failure = Some(String::from(problem.message()));
                context.store.sessions.put(session);
            }
            redirect(&format!("/c/pay/{session_id}"))
        }
    }
}

/// The address to which the shopper returns
/// (<https://docs.stripe.com/payments/3d-secure/authentication-flow#return-url>).
fn with_result(url: &str, id: &str, secret: &str, status: &str) -> String {
    let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
    let joint = if address.contains('?') { '&' } else { '?' };
    let hash = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
    format!(
        "{address}{joint}payment_intent={id}&payment_intent_client_secret={secret}\
         &redirect_status={status}{hash}"
    )
}

#[cfg(test)]
mod tests {
    use super::with_result;

    #[test]
    fn the_result_joins_a_query_and_precedes_a_fragment() {
        let added = "payment_intent=pi_1&payment_intent_client_secret=s&redirect_status=failed";
        for (url, expected) in [
            ("https://shop.example/back", format!("https://shop.example/back?{added}")),
            ("https://shop.example/back?a=b", format!("https://shop.example/back?a=b&{added}")),
            ("https://shop.example/#top", format!("https://shop.example/?{added}#top")),
        ] {
            assert_eq!(with_result(url, "pi_1", "s", "failed"), expected);
        }
    }
}
