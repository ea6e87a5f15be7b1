//! What the front door knows besides the shop: where the files are, under which
//! address people see it, who stands before it.

use std::path::Path;

use axum::http::Uri;
use domain::MessagePrice;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use web::server::Cookies;

/// The facts of this installation that pages and layers need.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where cargo-leptos put style, script and pictures.
    pub options: LeptosOptions,
    /// The address of the style sheet.
    pub stylesheet: String,
    /// The address people see, such as `https://shop.example`.
    pub public_url: Uri,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Real people and money: HSTS, a checked host, no simulator.
    pub is_production: bool,
    /// `cargo leptos watch` wants to reload the page.
    pub is_watched: bool,
    /// What messages cost, as the merchant wrote it down.
    pub message_prices: Vec<MessagePrice>,
}

impl Site {
    /// The names of the cookies under this address.
    pub fn cookies(&self) -> Cookies {
        Cookies { is_secure: self.public_url.scheme_str() == Some("https") }
    }

    /// The origin of the public address, as browsers write it in `Origin`.
    pub fn origin(&self) -> String {
        origin(&self.public_url)
    }
}

/// Scheme and authority, without a slash at the end.
pub fn origin(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("http");
    let authority = url.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}")
}

/// Where the built files are. cargo-leptos writes `hash.txt` beside the server
/// when it puts hashes into their names, and when it watches tells its pages at
/// `reload_port` to load anew.
pub fn options(site_root: &str, reload_port: u16) -> LeptosOptions {
    let hashes = read_hashes();
    LeptosOptions::builder()
        .output_name("marigold")
        .site_root(site_root.to_owned())
        .site_pkg_dir("pkg")
        .reload_port(reload_port.into())
        .hash_files(hashes.is_some())
        .build()
}

/// The hashes in the names of the browser's files, if there are any.
pub(crate) fn read_hashes() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    std::fs::read_to_string(program.parent().unwrap_or(Path::new(".")).join("hash.txt")).ok()
}
