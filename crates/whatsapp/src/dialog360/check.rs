//! Checks the key, the registered webhook and the clock.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header::AUTHORIZATION};
use serde::Deserialize;

use super::{Dialog360, NAME, response, signature};
use crate::{CheckResult, cloud::client::Client, http_client::Reply};

/// The path of the registered webhook.
const WEBHOOK_PATH: &str = "v1/configs/webhook";

#[derive(Deserialize)]
struct Registered {
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: HashMap<String, String>,
}

/// Requests the registered webhook; a success also proves the key.
pub async fn check(client: &Client<Dialog360>) -> Vec<CheckResult> {
    let reply =
        client.context.http_client.send(client.request(Method::GET, WEBHOOK_PATH)).await.ok();
    let key = match &reply {
        None => Err(format!("360dialog was not reached at {}", client.base_url)),
        Some(reply) if reply.status.is_success() => Ok("360dialog accepts it".to_owned()),
        Some(reply) => Err(response::classify_error(reply).to_string()),
    };
    let registered = reply.as_ref().filter(|_| key.is_ok()).and_then(Reply::json);
    let clock = reply.as_ref().and_then(Reply::date);
    vec![
        CheckResult::new("API key", key),
        CheckResult::new("registered webhook", check_registration(client, registered)),
        CheckResult::clock(clock, (client.context.now)()),
    ]
}

/// The registered address and header must be those of this shop.
fn check_registration(
    client: &Client<Dialog360>,
    registered: Option<Registered>,
) -> Result<String, String> {
    let wanted = client.context.webhook_url(NAME);
    let how = format!(
        "register it: POST {}/{WEBHOOK_PATH} with {{\"url\": \"{wanted}\", \"headers\": \
         {{\"Authorization\": \"Bearer …\"}}}}, where … is the value of D360_WEBHOOK_SECRET",
        client.base_url
    );
    let Some(registered) = registered else {
        return Err(format!("360dialog has no webhook address of this number; {how}"));
    };
    if registered.url != wanted {
        return Err(format!("360dialog calls another address; {how}"));
    }
    let headers: HeaderMap = registered.headers.iter().filter_map(pair).collect();
    match headers.get(AUTHORIZATION) {
        Some(header) if signature::is_registered_header(header, &client.service.webhook_secret) => {
            Ok(wanted)
        }
        Some(_) => Err(format!("360dialog sends another Authorization header; {how}")),
        None => Err(format!("360dialog sends no Authorization header; {how}")),
    }
}

fn pair((name, value): (&String, &String)) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, value.parse().ok()?))
}
