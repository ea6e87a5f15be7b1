//! Pages: how fast a product page is beside a handler that answers the same
//! bytes, for newcomers and for people with a basket, and how many bytes each page
//! costs a shopper.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, Result};
use marigold::{
    Front, listen, router,
    site::{self, Site},
    style,
};
use shop::Clock;
use whatsapp::{Common, wire::Wire};

use crate::{
    SPAN,
    client::Client,
    house::{CLIENTS, House},
    load::{ROUNDS, Sample, load, median},
    raw,
};

/// Serves a shop on a free port, as the program does.
pub async fn serve(house: &House) -> Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let site = Site {
        options: site::options("target/site", 3001),
        stylesheet: style::address().to_owned(),
        public_url: format!("http://{address}").parse()?,
        trusted_proxies: Vec::new(),
        is_production: false,
        is_watched: false,
        message_prices: Vec::new(),
    };
    let common = Common {
        wire: Wire::new()?,
        public_url: site.origin().into(),
        template_prefix: "marigold".into(),
        now: Arc::new(|| Clock::system().now()),
    };
    let front = Front::new(house.shop.clone(), None, common, site);
    tokio::spawn(listen::serve(listener, router(front), std::future::pending()));
    Ok(address)
}

/// The pages whose bytes are counted.
const WEIGHED: [(&str, &str); 6] = [
    ("home", "/"),
    ("catalogue", "/products"),
    ("product", ""),
    ("cart", "/cart"),
    ("sign in", "/login"),
    ("code screen", "/reset/verify"),
];

/// Measures and prints; answers the address of the product.
pub async fn measure(folder: &Path) -> Result<String> {
    let folder = tempfile::tempdir_in(folder)?;
    let house = House::build(folder.path()).await?;
    house.dispatch();
    let shop = serve(&house).await?;
    let product = first_product(&house).await?;
    let basket = basket(&house, &product).await?;
    let body = Client::connect(shop).await?.get(&product, "identity").await?.body;
    let plain = raw::same_bytes(Box::leak(body.to_vec().into_boxed_slice())).await?;

    println!("\npages: {product}, {} bytes", body.len());
    for clients in [1, 8, CLIENTS] {
        let (mut kept, mut made, mut plains) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            kept.push(reading(shop, &product, clients, None).await);
            plains.push(reading(plain, "/", clients, None).await);
            made.push(reading(shop, &product, clients, Some(&basket)).await);
        }
        let (kept, made, plain) = (median(kept), median(made), median(plains));
        let share = 100.0 * kept.per_second / plain.per_second;
        print_line("product page", clients, kept, &format!("{share:.0} % of the same bytes"));
        print_line("the same bytes, axum alone", clients, plain, "");
        print_line("product page, with a basket", clients, made, "made for each");
    }
    Ok(product)
}

fn print_line(name: &str, clients: usize, sample: Sample, note: &str) {
    let Sample { per_second, p50, p99 } = sample;
    println!(
        "  {name:<27} {clients:>2} clients {per_second:>8.0} a second  p50 {p50:>9.2?}  \
         p99 {p99:>9.2?}  {note}"
    );
}

/// Clients that read a page again and again; with a basket, if there is one.
async fn reading(address: SocketAddr, path: &str, clients: usize, basket: Option<&str>) -> Sample {
    let path = path.to_owned();
    let connect = async |_| {
        let mut client = Client::connect(address).await.ok()?;
        if let Some(form) = basket {
            client.post("/api/cart/add", form.to_owned()).await.ok()?;
        }
        Some(client)
    };
    load(clients, SPAN, connect, move |client| {
        let path = path.clone();
        async move {
            let mut client = client?;
            client
                .get(&path, "identity")
                .await
                .is_ok_and(|a| a.status.is_success())
                .then_some(client)
        }
    })
    .await
}

/// The form that puts a product into a basket.
async fn basket(house: &House, path: &str) -> Result<String> {
    let slug = path.trim_start_matches("/products/");
    let product = house.shop.catalogue().product(slug).await;
    let product = product.map_err(|_| anyhow::anyhow!("the product cannot be read"))?;
    let in_stock = product.variants.iter().find(|variant| variant.stock > 0);
    Ok(format!("variant={}&quantity=1", in_stock.context("nothing in stock")?.id))
}

async fn first_product(house: &House) -> Result<String> {
    let page = house.shop.catalogue().list(&shop::Filter::default()).await;
    let page = page.map_err(|_| anyhow::anyhow!("the catalogue cannot be read"))?;
    let first = page.products.first().context("the shelves are empty")?;
    Ok(format!("/products/{}", first.slug))
}

/// How many bytes a first visit to each page costs, with brotli.
pub async fn weigh(address: SocketAddr, product: &str) -> Result<()> {
    println!("\nbytes of a first visit (brotli)   HTML     CSS   scripts and WebAssembly");
    for (name, path) in WEIGHED {
        let path = if path.is_empty() { product } else { path };
        let mut client = Client::connect(address).await?;
        if path.ends_with("/verify") {
            client.post("/api/reset", "email=nobody%40example.com".into()).await?;
        }
        let html = client.get(path, "identity").await?;
        let text = String::from_utf8_lossy(&html.body).into_owned();
        let small = client.get(path, "br").await?.body.len();
        let mut styles = 0;
        let mut scripts = 0;
        for file in referenced(&text) {
            let size = client.get(&file, "br").await?.body.len();
            if file.contains(".css") { styles += size } else { scripts += size }
        }
        println!("  {name:<28} {small:>8} {styles:>7}   {scripts:>7}");
    }
    Ok(())
}

/// The style sheets and scripts a page names, each once.
fn referenced(html: &str) -> Vec<String> {
    let mut files: Vec<_> = html
        .split(['"', '\''])
        .filter(|word| word.starts_with('/'))
        .filter(|word| [".css", ".js", ".wasm"].iter().any(|end| word.ends_with(end)))
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    files
}
