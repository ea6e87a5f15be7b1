//! The time from issuing a code to the arrival of its request at the provider: what outbox,
//! dispatcher and provider module take. The provider is a server on this machine, over an open
//! connection without TLS.

use std::{collections::HashMap, convert::Infallible, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::http::{HeaderValue, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use shop::Clock;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use whatsapp::{Common, MessageProvider, Variables, providers, wire::Wire};

use crate::{
    app::{MAX_CLIENTS, TestApp, phone, visitor},
    figure::{self, Figure, MILLISECONDS},
    load::{ROUNDS, middle, milliseconds, now},
};

/// A provider takes one message to a person in six seconds.
const PER_RECIPIENT_INTERVAL: Duration = Duration::from_secs(6);

/// Measures and prints.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    println!("\ndelivery: from the code's issue until the provider has read its request");
    let (address, mut arrivals) = provider_server().await?;
    let app = TestApp::build_with(folder, Some(provider(&address)?)).await?;
    app.dispatch();
    let mut medians = Vec::new();
    let mut longest = Vec::new();
    for round in 0..=ROUNDS {
        let mut spans = Vec::with_capacity(MAX_CLIENTS);
        for number in 0..MAX_CLIENTS {
            let begun = app.shop.reset().begin(&visitor(number), &phone(number)).await;
            begun.map_err(|error| anyhow::anyhow!("a code was refused: {error:?}"))?;
            let issued = now();
            let arrived = arrivals.recv().await.context("the provider's server has ended")?;
            spans.push(milliseconds(arrived.saturating_duration_since(issued)));
        }
        spans.sort_by(f64::total_cmp);
        // The first round opens the connection.
        if round > 0 {
            longest.push(spans.last().copied().unwrap_or_default());
            medians.push(middle(spans));
        }
        tokio::time::sleep(PER_RECIPIENT_INTERVAL).await;
    }
    println!("  median of {ROUNDS} rounds of {MAX_CLIENTS} codes");
    let figures = vec![
        Figure::new("median of a round", middle(medians), MILLISECONDS),
        Figure::new("longest of a round", middle(longest), MILLISECONDS),
    ];
    figure::print(&figures);
    Ok(figures)
}

/// The provider module of Meta, which sends its requests to this machine.
fn provider(address: &str) -> Result<Arc<dyn MessageProvider>> {
    let common = Common {
        wire: Wire::new()?,
        public_url: "http://127.0.0.1".into(),
        template_prefix: "marigold".into(),
        now: Arc::new(|| Clock::system().now()),
    };
    let mut settings = Settings(HashMap::from([
        ("META_ACCESS_TOKEN", "EAAJBbenchmark000000000000000000".to_owned()),
        ("META_PHONE_NUMBER_ID", "106540352242922".to_owned()),
        ("META_WABA_ID", "102290129340398".to_owned()),
        ("META_APP_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
        ("META_VERIFY_TOKEN", "benchmark-verify-token".to_owned()),
        ("META_MESSAGES_PER_SECOND", "1000".to_owned()),
        ("META_BASE_URL", address.to_owned()),
    ]));
    let opened = providers::open("meta", &mut settings, &common).flatten();
    opened.context("the settings of the provider")
}

struct Settings(HashMap<&'static str, String>);

impl Variables for Settings {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _example: &str) {
        println!("{name} {problem}");
    }
}

/// A provider that accepts everything, and reports when it has read each request.
async fn provider_server() -> Result<(String, UnboundedReceiver<std::time::Instant>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let (arrived, arrivals) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let arrived = arrived.clone();
            let service = service_fn(move |request| take(request, arrived.clone()));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok((address, arrivals))
}

async fn take(
    request: Request<Incoming>,
    arrived: UnboundedSender<std::time::Instant>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // A request that ends early has not arrived.
    if request.into_body().collect().await.is_ok() {
        arrived.send(now()).ok();
    }
    let id = format!("wamid.{:?}", now());
    let id = id.replace(|character: char| !character.is_ascii_alphanumeric(), "");
    let answer = format!(
        r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"1","wa_id":"1"}}],"messages":[{{"id":"{id}"}}]}}"#
    );
    let mut response = Response::new(Full::from(answer));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
