//! Pages: how fast a product page is beside a handler that answers the same bytes, without a
//! session and for shoppers with a cart.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use axum::{Router, http::header, routing::get};
use marigold::{
    AppState,
    listen::{self, ConnectionLimits},
    router,
    site::Site,
    site_files, style,
};
use shop::Clock;
use whatsapp::{ProviderContext, http_client::HttpClient};

use crate::{
    app::{MAX_CLIENTS, TestApp},
    client::Client,
    figure::Figure,
    load::{ROUND_DURATION, ROUNDS, Sample, load, median, rounds},
};

const PAGE: &str = "product page";
const SAME_BYTES: &str = "the same bytes, axum alone";
const WITH_CART: &str = "product page, with a cart";

/// Serves a shop on a free port, as the program does.
pub async fn serve(app: &TestApp) -> Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let site = Site {
        time_zone: text::Zone::UTC,
        options: site_files::options("target/site", 3001),
        stylesheet: style::address().to_owned(),
        public_url: format!("http://{address}").parse()?,
        trusted_proxies: Vec::new(),
        is_production: false,
        shared_files: None,
        is_watched: false,
        message_prices: Vec::new(),
    };
    let common = ProviderContext {
        http_client: HttpClient::new()?,
        public_url: site.origin().into(),
        template_prefix: "marigold".into(),
        now: Arc::new(|| Clock::system().now()),
    };
    let state = AppState::new(app.shop.clone(), None, common, site);
    let limits = ConnectionLimits::of_shop(Vec::new());
    tokio::spawn(listen::serve(listener, router(state), limits, std::future::pending()));
    Ok(address)
}

/// The suite `pages`.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let app = TestApp::build(folder).await?;
    app.dispatch();
    let shop = serve(&app).await?;
    let product = first_product(&app).await?;
    let cart = cart(&app, &product).await?;
    let body = Client::connect(shop).await?.get(&product, "identity").await?.body;
    let plain = same_bytes(Box::leak(body.to_vec().into_boxed_slice())).await?;

    println!("\npages: {product}, {} bytes", body.len());
    println!("  {}", rounds());
    let mut figures = Vec::new();
    for clients in [1, 8, MAX_CLIENTS] {
        let (mut kept, mut made, mut plains) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            kept.push(reading(shop, &product, clients, None).await?);
            plains.push(reading(plain, "/", clients, None).await?);
            made.push(reading(shop, &product, clients, Some(&cart)).await?);
        }
        let (kept, made, plain) = (median(kept), median(made), median(plains));
        let share = 100.0 * kept.per_second / plain.per_second;
        let lines = [
            (PAGE, kept, format!("{share:.0} % of the same bytes")),
            (SAME_BYTES, plain, String::new()),
            (WITH_CART, made, "rendered for each request".to_owned()),
        ];
        for (name, sample, note) in lines {
            sample.print(name, clients, &note);
            figures.extend(sample.figures(name, clients));
        }
    }
    Ok(figures)
}

/// Clients that read a page again and again; with a cart, if there is one.
async fn reading(
    address: SocketAddr,
    path: &str,
    clients: usize,
    cart: Option<&str>,
) -> Result<Sample> {
    let path = path.to_owned();
    let connect = async |_| {
        let mut client = Client::connect(address).await?;
        if let Some(form) = cart {
            client.post("/api/cart/add", form.to_owned()).await?;
        }
        Ok(client)
    };
    load(clients, ROUND_DURATION, connect, move |mut client| {
        let path = path.clone();
        async move {
            let status = client.get(&path, "identity").await?.status;
            ensure!(status.is_success(), "{path} answered {status}");
            Ok(client)
        }
    })
    .await
}

/// The form that puts a product into a cart.
async fn cart(app: &TestApp, path: &str) -> Result<String> {
    let slug = path.trim_start_matches("/products/");
    let product = app.shop.catalogue().product(slug).await;
    let product = product.map_err(|_| anyhow::anyhow!("the product cannot be read"))?;
    let in_stock = product.variants.iter().find(|variant| variant.stock > 0);
    Ok(format!("variant={}&quantity=1", in_stock.context("nothing in stock")?.id))
}

async fn first_product(app: &TestApp) -> Result<String> {
    let page = app.shop.catalogue().list(&shop::Filter::default()).await;
    let page = page.map_err(|_| anyhow::anyhow!("the catalogue cannot be read"))?;
    let first = page.products.first().context("the shelves are empty")?;
    Ok(format!("/products/{}", first.slug))
}

/// Starts an axum server that answers every request with the same bytes; returns its address.
async fn same_bytes(body: &'static [u8]) -> Result<SocketAddr> {
    let answer =
        move || async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
