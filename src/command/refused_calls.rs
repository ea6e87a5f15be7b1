//! The webhook calls that the running shop has refused. Only its own process counts them, so
//! `check-provider`, which is another one, asks for its metrics at the operations address.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::http::Method;
use marigold::metrics;
use shop::{
    check::Report,
    providers::{CheckResult, ProviderContext, WebhookError},
};
use web::routes;

/// Calls by provider and by outcome.
type Calls = BTreeMap<(String, String), u64>;

/// Adds a finding about refused calls to the report of each provider.
pub async fn add_findings(
    context: &ProviderContext,
    operations: SocketAddr,
    reports: &mut [Report],
) {
    let client = &context.http_client;
    let address = reachable(operations);
    let url = format!("http://{address}{}", routes::operations::METRICS);
    let reply = client.send(client.request(Method::GET, &url)).await;
    let calls = reply.ok().and_then(|reply| reply.text().map(calls));
    for report in reports {
        let outcome = match &calls {
            Some(calls) => describe(report.provider, calls),
            None => Ok(format!("not known, because no shop answers at {address}")),
        };
        report.findings.push(CheckResult { subject: "refused webhook calls".into(), outcome });
    }
}

/// The address at which a program on this machine reaches a listener.
fn reachable(listener: SocketAddr) -> SocketAddr {
    match listener {
        SocketAddr::V4(at) if at.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, at.port()).into(),
        SocketAddr::V6(at) if at.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, at.port()).into(),
        other => other,
    }
}

/// Reads the counter of webhook calls from metrics in the format of Prometheus.
fn calls(metrics: &str) -> Calls {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(metrics::WEBHOOKS));
    let read = lines.filter_map(|line| {
        let (labels, count) = line.strip_prefix('{')?.split_once("} ")?;
        let label = |name: &str| {
            let value = labels.split_once(&format!("{name}=\""))?.1;
            Some(value.split_once('"')?.0.to_owned())
        };
        Some(((label("provider")?, label("outcome")?), count.trim().parse().ok()?))
    });
    read.collect()
}

/// How many calls of a provider were refused, and why. Only the lack of a key is sure to be a
/// setting of the shop: anybody can send calls with a wrong signature.
fn describe(provider: &str, calls: &Calls) -> Result<String, String> {
    let count = |reason: WebhookError| {
        calls.get(&(provider.to_owned(), reason.as_str().to_owned())).copied().unwrap_or_default()
    };
    let refused = WebhookError::ALL.iter().map(|reason| (*reason, count(*reason)));
    let refused: Vec<_> = refused.filter(|(_, count)| *count > 0).collect();
    let reasons: Vec<_> = refused.iter().map(|(why, count)| format!("{count} ({why})")).collect();
    let told = format!("since the start of the shop: {}", reasons.join(", "));
    match count(WebhookError::NoSharedKey) {
        _ if refused.is_empty() => Ok("none since the start of the shop".to_owned()),
        0 => Ok(told),
        _ => Err(format!(
            "{told}: set TWILIO_WEBHOOK_SHARED_KEY to the secret of the key that the webhook rule \
             signs with"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = "# TYPE marigold_webhooks_total counter\n\
        marigold_webhooks_total{provider=\"twilio\",outcome=\"no_shared_key\"} 3\n\
        marigold_webhooks_total{outcome=\"bad_signature\",provider=\"twilio\"} 2\n\
        marigold_webhooks_total{provider=\"meta\",outcome=\"taken\"} 41\n\
        marigold_webhooks_total{provider=\"bird\",outcome=\"stale\"} 1\n\
        marigold_webhooks_total{provider=\"bird\"} 9\n\
        marigold_webhooks_total{provider=\"bird\",outcome=\"stale\"} many\n\
        marigold_webhooks_total_other{provider=\"meta\",outcome=\"stale\"} 7\n";

    #[test]
    fn refused_calls_are_told_by_reason_and_a_missing_key_is_to_be_set() {
        let calls = calls(METRICS);
        let twilio = describe("twilio", &calls).unwrap_err();
        assert!(twilio.contains("2 (the signature of the call is wrong)"), "{twilio}");
        assert!(twilio.contains("3 (the call is signed with a shared key"), "{twilio}");
        assert!(twilio.contains("set TWILIO_WEBHOOK_SHARED_KEY"), "{twilio}");
        let bird = describe("bird", &calls).unwrap();
        assert_eq!(bird, "since the start of the shop: 1 (the call was signed too long ago)");
        for provider in ["meta", "messagebird"] {
            assert_eq!(describe(provider, &calls).unwrap(), "none since the start of the shop");
        }
    }

    #[test]
    fn a_listener_on_all_addresses_is_reached_on_this_machine() {
        for (listener, reached) in [
            ("0.0.0.0:9090", "127.0.0.1:9090"),
            ("[::]:9090", "[::1]:9090"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("192.0.2.7:9090", "192.0.2.7:9090"),
        ] {
            assert_eq!(reachable(listener.parse().unwrap()).to_string(), reached);
        }
    }
}
