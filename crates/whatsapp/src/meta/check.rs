//! Checks the token, the number, the account, the webhook subscription and the clock.

use http::Method;
use serde::{Deserialize, de::DeserializeOwned};

use super::{ACCOUNT_HINT, HINT, Meta};
use crate::{
    CheckResult,
    cloud::{ConfigHint, client::Client, response},
    http_client::Reply,
};

#[derive(Deserialize)]
struct Number {
    verified_name: Option<String>,
    quality_rating: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    account_review_status: Option<String>,
}

#[derive(Deserialize)]
struct Apps {
    data: Vec<serde::de::IgnoredAny>,
}

/// Requests each object that the settings name, without sending a message.
pub async fn check(client: &Client<Meta>) -> Vec<CheckResult> {
    let meta = &client.service;
    let fields = "fields=verified_name,quality_rating,status";
    let (reply, number) = get(client, &format!("{}?{fields}", meta.phone_number_id), &HINT).await;
    let fields = "fields=id,name,account_review_status";
    let (_, account) = get(client, &format!("{}?{fields}", meta.account_id), &ACCOUNT_HINT).await;
    let apps = format!("{}/subscribed_apps", meta.account_id);
    let (_, apps) = get(client, &apps, &ACCOUNT_HINT).await;
    let clock = reply.as_ref().and_then(Reply::date);
    vec![
        CheckResult::new("access token and sender number", number.and_then(number_state)),
        CheckResult::new("WhatsApp Business Account", account.and_then(account_state)),
        CheckResult::new("webhook subscription", apps.and_then(subscription)),
        CheckResult::new("Graph API version", graph_version(client)),
        CheckResult::clock(clock, (client.context.now)()),
    ]
}

/// Whether Meta goes on serving the version that requests name.
fn graph_version(client: &Client<Meta>) -> Result<String, String> {
    let version = client.service.version;
    let warning = version.warning((client.context.now)());
    warning.map_or_else(|| Ok(format!("{version} is served")), Err)
}

/// The reply, which also tells the provider's time, and its body.
async fn get<T: DeserializeOwned>(
    client: &Client<Meta>,
    path: &str,
    hint: &ConfigHint,
) -> (Option<Reply>, Result<T, String>) {
    let Ok(reply) = client.context.http_client.send(client.request(Method::GET, path)).await else {
        return (None, Err(format!("Meta was not reached at {}", client.base_url)));
    };
    let outcome = if reply.status.is_success() {
        reply.json().ok_or_else(|| "Meta's answer is unreadable".to_owned())
    } else {
        Err(response::classify_error(&reply, hint).to_string())
    };
    (Some(reply), outcome)
}

/// A number sends in every state but these.
fn number_state(number: Number) -> Result<String, String> {
    let status = number.status.unwrap_or_default();
    match status.as_str() {
        "PENDING" | "UNLINKED" | "UNVERIFIED" | "DISCONNECTED" => {
            Err(format!("the number is {status}: register it for the Cloud API"))
        }
        "DELETED" | "MIGRATED" => {
            Err(format!("the number is {status}: set META_PHONE_NUMBER_ID to another"))
        }
        "BANNED" | "RESTRICTED" => {
            Err(format!("the number is {status}: see Business Support Home"))
        }
        _ => {
            let name = number
                .verified_name
                .unwrap_or_else(|| "a number without a display name".to_owned());
            let quality = number.quality_rating.unwrap_or_else(|| "unknown".to_owned());
            Ok(format!("{}, quality {}", response::sanitise(&name), response::sanitise(&quality)))
        }
    }
}

fn account_state(account: Account) -> Result<String, String> {
    match account.account_review_status.as_deref() {
        Some("REJECTED") => Err("the account was rejected: see Business Support Home".to_owned()),
        Some(status) => Ok(format!("the review of the account is {}", response::sanitise(status))),
        None => Ok("the account exists".to_owned()),
    }
}

fn subscription(apps: Apps) -> Result<String, String> {
    if apps.data.is_empty() {
        return Err(
            "no app is subscribed to the account, so Meta sends no events: subscribe your app \
                    (POST to subscribed_apps, or the app's WhatsApp set-up page)"
                .to_owned(),
        );
    }
    Ok(format!("{} app(s) subscribed", apps.data.len()))
}
