//! Whether the account of the shop at Stripe is ready: key, mode, account, currency and webhook.
//! Nothing is charged or changed.

use domain::{Currency, Timestamp};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};

use super::{
    KeyMode, NAME, Stripe,
    client::{API_VERSION, Reply},
    errors::StripeError,
    events::TYPES,
    form::Form,
    minor_units, webhook_signature,
};

/// The largest difference of the clocks that still lets signed calls pass, in seconds.
const MAX_CLOCK_SKEW_SECONDS: u64 = 60;

/// What the shop is.
#[derive(Clone, Copy, Debug)]
pub struct CheckContext<'c> {
    /// The public address of the shop: scheme, host and port, without a slash at the end.
    pub public_url: &'c str,
    /// The currency in which the shop sells.
    pub currency: Currency,
}

/// One line of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was checked, in a few words.
    pub subject: &'static str,
    /// `Ok` with a detail worth knowing, or `Err` with what exactly to change.
    pub outcome: Result<String, String>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    country: Option<String>,
    #[serde(default)]
    charges_enabled: bool,
}

#[derive(Deserialize)]
struct CountrySpec {
    supported_payment_currencies: Vec<String>,
}

#[derive(Deserialize)]
struct Endpoints {
    data: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    url: String,
    status: String,
    #[serde(default)]
    enabled_events: Vec<String>,
    api_version: Option<String>,
}

/// Runs every check.
pub(super) async fn check(stripe: &Stripe, context: &CheckContext<'_>) -> Vec<CheckResult> {
    let account = stripe.client.get::<Account>("/v1/account", &Form::new()).await;
    let mut results = vec![
        result("API key", key(stripe, &account)),
        result("mode", Ok(mode(stripe.settings.key.mode()))),
    ];
    if is_wrong_key(&account) {
        return results;
    }
    results.push(result("permissions", permissions(stripe).await));
    if let Ok(account) = &account {
        results.push(result("account", charges(&account.value)));
        results.push(result("currency", currency(stripe, &account.value, context.currency).await));
        results.push(result("clock", clock(account.date, stripe.now())));
    }
    let url = format!("{}/webhooks/{NAME}", context.public_url);
    results.push(result("webhook endpoint", endpoint(stripe, &url).await));
    if !stripe.settings.webhook_secrets.is_off() {
        results.push(result("webhook", call_itself(stripe, &url).await));
    }
    results
}

const fn result(subject: &'static str, outcome: Result<String, String>) -> CheckResult {
    CheckResult { subject, outcome }
}

fn key(stripe: &Stripe, account: &Result<Reply<Account>, StripeError>) -> Result<String, String> {
    let kind = if stripe.settings.key.is_restricted() { "restricted key" } else { "secret key" };
    match account {
        Ok(account) => Ok(format!("{kind} of the account {}", account.value.id)),
        Err(_) if is_wrong_key(account) => {
            Err("STRIPE_SECRET_KEY: Stripe does not know this key; \
                                                copy it from the Dashboard, under Developers, API \
                                                keys"
                .to_owned())
        }
        Err(error) if is_forbidden(error) => {
            Ok(format!("{kind}; it may not read the account, so that is not checked"))
        }
        Err(error) => Err(advice(error)),
    }
}

fn is_wrong_key(account: &Result<Reply<Account>, StripeError>) -> bool {
    let error = account.as_ref().err().and_then(StripeError::refused);
    error.is_some_and(|error| error.status == StatusCode::UNAUTHORIZED)
}

fn is_forbidden(error: &StripeError) -> bool {
    error.refused().is_some_and(|error| error.status == StatusCode::FORBIDDEN)
}

/// What to do about an error that is not explained more closely.
fn advice(error: &StripeError) -> String {
    match error {
        StripeError::NotSent | StripeError::NoAnswer => {
            "Stripe does not answer: check the network, and STRIPE_BASE_URL".to_owned()
        }
        error => format!("{error}: check STRIPE_BASE_URL, and Stripe's log of requests"),
    }
}

fn mode(mode: KeyMode) -> String {
    match mode {
        KeyMode::Test => "test: no money moves".to_owned(),
        KeyMode::Live => "live: real money moves".to_owned(),
    }
}

/// Whether the key may read what the shop writes. A restricted key has its permissions one by one.
async fn permissions(stripe: &Stripe) -> Result<String, String> {
    let query = Form::new().with("limit", 1);
    let mut missing = Vec::new();
    for (path, name) in [
        ("/v1/checkout/sessions", "Checkout Sessions"),
        ("/v1/payment_intents", "PaymentIntents"),
        ("/v1/refunds", "Refunds"),
        ("/v1/events", "Events"),
    ] {
        match stripe.client.get::<IgnoredAny>(path, &query).await {
            Ok(_) => {}
            Err(error) if is_forbidden(&error) => missing.push(name),
            Err(error) => return Err(advice(&error)),
        }
    }
    if missing.is_empty() {
        return Ok(format!("the key reads payments; the version of the API is {API_VERSION}"));
    }
    Err(format!(
        "STRIPE_SECRET_KEY: give the restricted key access to {} (write, and read for Events)",
        missing.join(", ")
    ))
}

fn charges(account: &Account) -> Result<String, String> {
    let country = account.country.as_deref().unwrap_or("an unknown country");
    if account.charges_enabled {
        Ok(format!("in {country}, can charge"))
    } else {
        Err("the account cannot charge yet: complete it in the Dashboard".to_owned())
    }
}

/// Whether accounts of this country charge in the currency of the shop.
async fn currency(
    stripe: &Stripe,
    account: &Account,
    currency: Currency,
) -> Result<String, String> {
    let code = minor_units::code(currency);
    let Some(country) = &account.country else {
        return Ok(format!("the account states no country, so {code} is not checked"));
    };
    let path = format!("/v1/country_specs/{country}");
    let spec = stripe.client.get::<CountrySpec>(&path, &Form::new()).await;
    let listed = match spec {
        Ok(spec) => spec.value.supported_payment_currencies,
        Err(error) if is_forbidden(&error) => {
            return Ok("the key may not read the currencies of the country".to_owned());
        }
        Err(error) => return Err(advice(&error)),
    };
    if listed.contains(&code) {
        Ok(format!(
            "{} is among the {} that accounts in {country} charge",
            currency.code(),
            listed.len()
        ))
    } else {
        Err(format!("accounts in {country} cannot charge in {}", currency.code()))
    }
}

fn clock(theirs: Option<Timestamp>, ours: Timestamp) -> Result<String, String> {
    let Some(theirs) = theirs else { return Ok("Stripe's answer states no time".to_owned()) };
    let seconds = theirs.since(ours).max(ours.since(theirs)).as_secs();
    if seconds > MAX_CLOCK_SKEW_SECONDS {
        return Err(format!(
            "the clock of this machine differs from Stripe's by {seconds} seconds: enable time \
             synchronisation"
        ));
    }
    Ok(format!("it differs from Stripe's by at most {seconds} seconds"))
}

/// Whether Stripe knows the address of the shop, and calls it for the right events.
async fn endpoint(stripe: &Stripe, url: &str) -> Result<String, String> {
    if stripe.settings.webhook_secrets.is_off() {
        return Ok("STRIPE_WEBHOOK_SECRET is off, so the shop asks Stripe for events".to_owned());
    }
    let query = Form::new().with("limit", 100);
    let endpoints = match stripe.client.get::<Endpoints>("/v1/webhook_endpoints", &query).await {
        Ok(endpoints) => endpoints.value.data,
        Err(error) if is_forbidden(&error) => {
            return Ok("the key may not read the endpoints, so they are not checked".to_owned());
        }
        Err(error) => return Err(advice(&error)),
    };
    let Some(endpoint) = endpoints.iter().find(|endpoint| endpoint.url == url) else {
        let events = TYPES.join(", ");
        return Err(format!(
            "add the endpoint {url} in the Dashboard, under Developers, Webhooks, for the events \
             {events}"
        ));
    };
    judge(endpoint)
}

fn judge(endpoint: &Endpoint) -> Result<String, String> {
    if endpoint.status != "enabled" {
        return Err(format!("enable the endpoint {} in the Dashboard", endpoint.url));
    }
    let has = |kind: &str| endpoint.enabled_events.iter().any(|listed| listed == kind);
    let missing: Vec<_> = TYPES.into_iter().filter(|kind| !has("*") && !has(kind)).collect();
    if !missing.is_empty() {
        return Err(format!("add these events to the endpoint: {}", missing.join(", ")));
    }
    let version = endpoint.api_version.as_deref().unwrap_or("the account's default");
    Ok(format!("is enabled, with all events; its version is {version}"))
}

/// Calls the public address of the shop as Stripe would, with an event that means nothing.
async fn call_itself(stripe: &Stripe, url: &str) -> Result<String, String> {
    let is_live = stripe.settings.key.mode() == KeyMode::Live;
    let body = format!(
        r#"{{"id":"evt_self_test","object":"event","type":"marigold.self_test","livemode":{is_live},"data":{{"object":{{}}}}}}"#
    );
    let secrets = &stripe.settings.webhook_secrets;
    let Some(signature) = webhook_signature::sign(secrets, body.as_bytes(), stripe.now()) else {
        return Err("STRIPE_WEBHOOK_SECRET is off".to_owned());
    };
    match stripe.client.call(url, &signature, body).await {
        Ok(status) => explain(status, url),
        Err(_) => Err(format!(
            "no server answers at {url}: start the shop, and check that MARIGOLD_PUBLIC_URL leads \
             to it (name, proxy, certificate)"
        )),
    }
}

/// Explains the answer to a correctly signed call.
fn explain(status: StatusCode, url: &str) -> Result<String, String> {
    let advice = match status.as_u16() {
        200..=299 => return Ok(format!("{url} accepts a signed call")),
        300..=399 => "Stripe follows no redirect: set MARIGOLD_PUBLIC_URL to the final address",
        401 | 403 => "the shop there has another STRIPE_WEBHOOK_SECRET",
        404 | 405 => {
            "another server answers there, or a shop without Stripe: check \
                      MARIGOLD_PUBLIC_URL and MARIGOLD_GATEWAYS"
        }
        _ => "check the proxy and the log of the shop",
    };
    Err(format!("{url} answers with status {}: {advice}", status.as_u16()))
}
