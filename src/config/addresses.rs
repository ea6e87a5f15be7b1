//! The addresses on which the server listens, its public address, and its proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::Uri;
use ipnet::IpNet;

use super::{parse_list, reader::SettingsReader};

/// The addresses of an installation; each is `None` if it is invalid.
pub struct Addresses {
    /// The address on which the shop listens.
    pub shop: Option<SocketAddr>,
    /// The address of health and metrics.
    pub operations: Option<SocketAddr>,
    /// The address that people see.
    pub public_url: Option<Uri>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Option<Vec<IpNet>>,
}

/// Reads the addresses.
pub fn read(reader: &mut SettingsReader, is_production: bool) -> Addresses {
    reader.begin_group("Addresses");
    let shop = reader.read("MARIGOLD_ADDR", "127.0.0.1:3000", parse_address);
    let public_url = read_public_url(reader, is_production, shop);
    let operations = reader.read("MARIGOLD_OPS_ADDR", "127.0.0.1:9090", parse_address);
    let trusted_proxies =
        reader.read("MARIGOLD_TRUSTED_PROXIES", "", |text| parse_list(text, parse_network));
    Addresses { shop, operations, public_url, trusted_proxies }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address and port".into())
}

fn read_public_url(
    reader: &mut SettingsReader,
    is_production: bool,
    address: Option<SocketAddr>,
) -> Option<Uri> {
    let address = address.map_or_else(|| "127.0.0.1:3000".into(), |address| address.to_string());
    let default = format!("http://{address}");
    reader.read_with_example(
        "MARIGOLD_PUBLIC_URL",
        &default,
        "https://shop.example",
        |text| {
            let url: Uri =
                text.trim_end_matches('/').parse().map_err(|_| "is not an address of the web")?;
            match (url.scheme_str(), url.authority(), url.path()) {
                (Some("https"), Some(_), "/") => Ok(url),
                (Some("http"), Some(_), "/") if !is_production => Ok(url),
                (Some("http"), Some(_), "/") => {
                    Err("is plain http, which production refuses: codes and cookies would be readable on the way".into())
                }
                _ => Err("is not a scheme and a host alone".into()),
            }
        },
    )
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("has `{text}`, which is neither an address nor a network"))
}
