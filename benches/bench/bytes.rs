//! How many bytes a first visit to each page costs, with brotli: the page, its style sheet,
//! its scripts and its WebAssembly.

use std::{net::SocketAddr, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{
    client::{Answer, Client},
    figure::{BYTES, Figure},
    program::Program,
};

/// The pages that are measured, beside a product's own.
const PAGES: [(&str, &str); 5] = [
    ("home", "/"),
    ("catalogue", "/products"),
    ("cart", "/cart"),
    ("sign in", "/login"),
    ("code screen", "/reset/verify"),
];

/// The size of a first visit.
#[derive(Default)]
struct Size {
    html: usize,
    css: usize,
    scripts: usize,
}

/// Measures and prints.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    let program = Program::start(folder).await?;
    let product = first_product(program.address).await?;
    println!("\nbytes: a first visit to each page, with brotli");
    println!("  page                             HTML     CSS   scripts and WebAssembly");
    let mut figures = Vec::new();
    for (name, path) in PAGES.into_iter().chain([("product", product.as_str())]) {
        let Size { html, css, scripts } = first_visit(program.address, path).await?;
        println!("  {name:<28} {html:>8} {css:>7}   {scripts:>7}");
        for (part, size) in [("HTML", html), ("CSS", css), ("scripts", scripts)] {
            figures.push(Figure::new(format!("{name}, {part}"), size as f64, BYTES));
        }
    }
    program.stop().await?;
    Ok(figures)
}

/// The first product that the catalogue links to.
async fn first_product(address: SocketAddr) -> Result<String> {
    let catalogue = get(&mut Client::connect(address).await?, "/products", "identity").await?;
    let links = links(&catalogue);
    links.into_iter().find(|link| link.starts_with("/products/")).context("no product is listed")
}

async fn first_visit(address: SocketAddr, path: &str) -> Result<Size> {
    let mut client = Client::connect(address).await?;
    if path.ends_with("/verify") {
        client.get("/reset", "identity").await?;
        client.post("/api/reset", "email=nobody%40example.com".into()).await?;
    }
    let files = files(&get(&mut client, path, "identity").await?);
    let mut size = Size { html: get(&mut client, path, "br").await?.body.len(), ..Size::default() };
    for file in files {
        let bytes = get(&mut client, &file, "br").await?.body.len();
        if file.contains(".css") { size.css += bytes } else { size.scripts += bytes }
    }
    Ok(size)
}

/// Reads a path that must be there.
async fn get(client: &mut Client, path: &str, accept_encoding: &str) -> Result<Answer> {
    let answer = client.get(path, accept_encoding).await?;
    ensure!(answer.status.is_success(), "{path} answered {}", answer.status);
    Ok(answer)
}

/// The style sheets and scripts that a page names, each once.
fn files(page: &Answer) -> Vec<String> {
    let mut files = links(page);
    files.retain(|link| [".css", ".js", ".wasm"].iter().any(|end| link.ends_with(end)));
    files.sort();
    files.dedup();
    files
}

/// The quoted words of a page that are paths of this site.
fn links(page: &Answer) -> Vec<String> {
    let text = String::from_utf8_lossy(&page.body);
    text.split(['"', '\'']).filter(|word| word.starts_with('/')).map(str::to_owned).collect()
}
