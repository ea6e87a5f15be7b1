//! Whether the token, the number, the account and the clock are in order.

use http::Method;
use serde::{Deserialize, de::DeserializeOwned};

use super::{BLAME, Meta, templates::ACCOUNT};
use crate::{
    CheckResult,
    cloud::{Blame, response},
    wire::Reply,
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

/// Asks Meta for what the shop's settings name.
pub async fn check(meta: &Meta) -> Vec<CheckResult> {
    let fields = "fields=verified_name,quality_rating,status";
    let (reply, number) = ask(meta, &format!("{}?{fields}", meta.phone_number_id), &BLAME).await;
    let fields = "fields=id,name,account_review_status";
    let (_, account) = ask(meta, &format!("{}?{fields}", meta.account_id), &ACCOUNT).await;
    let apps = format!("{}/subscribed_apps", meta.account_id);
    let (_, apps) = ask(meta, &apps, &ACCOUNT).await;
    let clock = reply.as_ref().and_then(Reply::date);
    vec![
        CheckResult::new("access token and sender number", number.and_then(number_state)),
        CheckResult::new("WhatsApp Business Account", account.and_then(account_state)),
        CheckResult::new("subscription to callbacks", apps.and_then(subscription)),
        CheckResult::clock(clock, (meta.common.now)()),
    ]
}

/// The reply, for its clock, and what it says.
async fn ask<T: DeserializeOwned>(
    meta: &Meta,
    path: &str,
    blame: &Blame,
) -> (Option<Reply>, Result<T, String>) {
    let Ok(reply) = meta.common.wire.ask(meta.call(Method::GET, path)).await else {
        return (None, Err(format!("Meta was not reached at {}", meta.address)));
    };
    let outcome = if reply.status.is_success() {
        reply.json().ok_or_else(|| "Meta's answer cannot be read".to_owned())
    } else {
        Err(response::refused(&reply, blame).to_string())
    };
    (Some(reply), outcome)
}

/// A number in another state than these sends: it is connected.
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
            let name = number.verified_name.unwrap_or_else(|| "a number without a name".to_owned());
            let quality = number.quality_rating.unwrap_or_else(|| "unknown".to_owned());
            Ok(format!("{}, quality {}", response::sanitise(&name), response::sanitise(&quality)))
        }
    }
}

fn account_state(account: Account) -> Result<String, String> {
    match account.account_review_status.as_deref() {
        Some("REJECTED") => Err("the account was rejected: see Business Support Home".to_owned()),
        Some(status) => Ok(format!("review: {}", response::sanitise(status))),
        None => Ok("it is there".to_owned()),
    }
}

fn subscription(apps: Apps) -> Result<String, String> {
    if apps.data.is_empty() {
        return Err("no app is subscribed to the account, so no events comes: subscribe yours \
                    (POST to subscribed_apps, or the app's WhatsApp set-up page)"
            .to_owned());
    }
    Ok(format!("{} subscribed", apps.data.len()))
}
