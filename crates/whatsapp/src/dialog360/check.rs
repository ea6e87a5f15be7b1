//! Whether the key, the registered callback and the clock are in order.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header::AUTHORIZATION};
use serde::Deserialize;
use std::collections::HashMap;

use super::{Dialog360, NAME, response, webhook};
use crate::{CheckResult, wire::Reply};

/// Where the callback is registered.
const PATH: &str = "v1/configs/webhook";

#[derive(Deserialize)]
struct Registered {
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: HashMap<String, String>,
}

/// Asks 360dialog which callback it knows; its answer also proves the key.
pub async fn check(provider: &Dialog360) -> Vec<CheckResult> {
    let reply = provider.common.wire.ask(provider.call(Method::GET, PATH)).await.ok();
    let key = match &reply {
        None => Err(format!("360dialog was not reached at {}", provider.address)),
        Some(reply) if reply.status.is_success() => Ok("it is accepted".to_owned()),
        Some(reply) => Err(response::refused(reply).to_string()),
    };
    let registered = reply.as_ref().filter(|_| key.is_ok()).and_then(Reply::json);
    let clock = reply.as_ref().and_then(Reply::date);
    vec![
        CheckResult::new("API key", key),
        CheckResult::new("registered callback", registration(provider, registered)),
        CheckResult::clock(clock, (provider.common.now)()),
    ]
}

/// The address and the header have to be the shop's own.
fn registration(provider: &Dialog360, registered: Option<Registered>) -> Result<String, String> {
    let wanted = provider.common.callback_url(NAME);
    let how = format!(
        "register it: POST {}/{PATH} with {{\"url\": \"{wanted}\", \"headers\": \
         {{\"Authorization\": \"Bearer …\"}}}}, where … is the value of D360_WEBHOOK_SECRET",
        provider.address
    );
    let Some(registered) = registered else {
        return Err(format!("360dialog does not say which address it calls; {how}"));
    };
    if registered.url != wanted {
        return Err(format!("360dialog calls another address; {how}"));
    }
    let headers: HeaderMap = registered.headers.iter().filter_map(pair).collect();
    match headers.get(AUTHORIZATION) {
        Some(header) if webhook::is_ours(header, &provider.webhook_secret) => Ok(wanted),
        Some(_) => Err(format!("360dialog sends another Authorization header; {how}")),
        None => Err(format!("360dialog sends no Authorization header; {how}")),
    }
}

fn pair((name, value): (&String, &String)) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, value.parse().ok()?))
}
