//! The addresses on which the server listens, its public address, and its proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::Uri;
use ipnet::IpNet;

use super::{parse_list, reader::SettingsReader};
use crate::authority::Authority;

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

/// Networks of which a whole is never a proxy: IPv4 larger than a /8, IPv6 larger than a /32, which
/// is what one provider gets.
const MIN_PREFIX_LEN: (u8, u8) = (8, 32);

/// Reads the addresses.
pub fn read(reader: &mut SettingsReader, is_production: bool) -> Addresses {
    reader.begin_group("Addresses");
    let shop = reader.read("MARIGOLD_ADDR", "127.0.0.1:3000", parse_address);
    let public_url = read_public_url(reader, is_production, shop);
    let operations = reader.read("MARIGOLD_OPS_ADDR", "127.0.0.1:9090", parse_address);
    if let (Some(shop), Some(operations)) = (shop, operations)
        && is_same(shop, operations)
    {
        let another = match shop.port() {
            9090 => "127.0.0.1:9091",
            _ => "127.0.0.1:9090",
        };
        reader.refuse("MARIGOLD_OPS_ADDR", "is the address of MARIGOLD_ADDR too", another);
    }
    let trusted_proxies =
        reader.read_with_example("MARIGOLD_TRUSTED_PROXIES", "", "10.0.0.2, 10.1.0.0/16", |text| {
            parse_list(text, parse_network)
        });
    Addresses { shop, operations, public_url, trusted_proxies }
}

/// Whether one of these addresses takes the port of the other. Port 0 is always a free one.
fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    let is_any = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (is_any || one.ip() == other.ip())
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
    reader.read_with_example("MARIGOLD_PUBLIC_URL", &default, "https://shop.example", |text| {
        parse_public_url(text, is_production)
    })
}

/// Parses a scheme and an authority. Nothing else of a URL would have an effect: links, cookies
/// and the addresses of webhooks are made of these two.
fn parse_public_url(text: &str, is_production: bool) -> Result<Uri, String> {
    const NOT_ALONE: &str = "is not a scheme and a host alone";
    // `Uri` drops a fragment without a word.
    if text.contains(['?', '#', '@']) {
        return Err(format!("{NOT_ALONE}: it has a user, a query or a fragment"));
    }
    let url: Uri =
        text.trim_end_matches('/').parse().map_err(|_| "is not an address of the web")?;
    let (Some(scheme), Some(written), "/") = (url.scheme_str(), url.authority(), url.path()) else {
        return Err(NOT_ALONE.into());
    };
    let authority = Authority::parse(written.as_str(), scheme);
    // In the demo, port 0 is the default beside a port that the system chooses.
    if authority.is_none_or(|authority| is_production && authority.port() == 0) {
        return Err("has no host or port that can be reached".into());
    }
    let host = written.host().trim_start_matches('[').trim_end_matches(']');
    let is_unspecified = host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified());
    match scheme {
        _ if is_production && is_unspecified => Err("is an address that nobody can reach".into()),
        "https" => Ok(url),
        "http" if !is_production => Ok(url),
        "http" => Err("is plain http, which production refuses: codes and cookies would be \
                       readable on the way"
            .into()),
        _ => Err(NOT_ALONE.into()),
    }
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    let network = text
        .parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("has `{text}`, which is neither an address nor a network"))?;
    let is_too_large = match network {
        IpNet::V4(network) => network.prefix_len() < MIN_PREFIX_LEN.0,
        IpNet::V6(network) => network.prefix_len() < MIN_PREFIX_LEN.1,
    };
    if is_too_large {
        return Err(format!(
            "has `{text}`, which is so large that it trusts any client, which could then choose \
             their address themselves"
        ));
    }
    let is_mapped = matches!(network, IpNet::V6(it) if it.addr().to_ipv4_mapped().is_some());
    match is_mapped || network.addr().is_unspecified() {
        true => Err(format!("has `{text}`, which is no proxy's; write an IPv4 address as such")),
        false => Ok(network),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_an_authority_alone() {
        for (url, is_production, is_taken) in [
            ("https://shop.example", true, true),
            ("https://shop.example/", true, true),
            ("https://shop.example:8443", true, true),
            ("https://Shop.Example", true, true),
            ("http://127.0.0.1:3000", false, true),
            ("http://0.0.0.0:3000", false, true),
            ("https://ada@shop.example", false, false),
            ("https://ada:secret@shop.example", false, false),
            ("https://shop.example?from=letter", false, false),
            ("https://shop.example/?", false, false),
            ("https://shop.example#top", false, false),
            ("https://shop.example/shop", false, false),
            ("https://", false, false),
            ("https://:443", false, false),
            ("shop.example", false, false),
            ("ftp://shop.example", false, false),
            ("http://shop.example", true, false),
            ("https://0.0.0.0", true, false),
            ("https://[::]:443", true, false),
            ("https://shop.example:0", true, false),
            ("https://shop.example:70000", true, false),
        ] {
            assert_eq!(parse_public_url(url, is_production).is_ok(), is_taken, "{url}");
        }
    }

    #[test]
    fn x06_whole_networks_of_clients_are_no_trusted_proxies() {
        for (network, is_taken) in [
            ("10.0.0.2", true),
            ("10.0.0.0/8", true),
            ("192.168.1.7/32", true),
            ("2001:db8::/32", true),
            ("fd00:1234::/48", true),
            ("::1", true),
            ("0.0.0.0/0", false),
            ("::/0", false),
            ("0.0.0.0/1", false),
            ("128.0.0.0/1", false),
            ("64.0.0.0/7", false),
            ("2000::/3", false),
            ("fc00::/7", false),
            ("::ffff:0:0/96", false),
            ("::ffff:10.0.0.1", false),
            ("0.0.0.0", false),
            ("proxy.example", false),
            ("10.0.0.0/33", false),
        ] {
            assert_eq!(parse_network(network).is_ok(), is_taken, "{network}");
        }
    }

    #[test]
    fn one_port_cannot_serve_both_addresses() {
        for (one, other, expected) in [
            ("127.0.0.1:3000", "127.0.0.1:3000", true),
            ("0.0.0.0:3000", "127.0.0.1:3000", true),
            ("127.0.0.1:3000", "[::]:3000", true),
            ("127.0.0.1:3000", "127.0.0.1:9090", false),
            ("127.0.0.1:3000", "127.0.0.2:3000", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            assert_eq!(is_same(one.parse().unwrap(), other.parse().unwrap()), expected, "{one}");
        }
    }
}
