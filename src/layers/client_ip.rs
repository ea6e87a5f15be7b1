//! The client's IP address, also behind trusted proxies.
//!
//! It is the address of the connection, unless that belongs to a trusted proxy. Then
//! `X-Forwarded-For` is read from the right up to the first hop that is not trusted. No other
//! header is read.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::AppState;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// Adds the client's address to the request.
pub async fn client_ip(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // Only tests have no connection; they all share one address.
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let address = address(peer, request.headers(), &state.site.trusted_proxies);
    request.extensions_mut().insert(ClientIp(address));
    next.run(request).await
}

/// The rightmost hop that is not trusted.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let hops: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|line| line.to_str().unwrap_or("").split(','))
        .map(str::trim)
        .collect();
    let mut address = peer.to_canonical();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        match parse(hop) {
            Some(before) => address = before.to_canonical(),
            None => break,
        }
    }
    address
}

/// An address as proxies write it, with or without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn x06_forwarded_for_of_an_untrusted_peer_is_ignored() {
        assert_eq!(seen("198.51.100.7", &["203.0.113.1"], &[]), "198.51.100.7");
        assert_eq!(seen("198.51.100.7", &["203.0.113.1"], &["10.0.0.0/8"]), "198.51.100.7");
    }

    #[test]
    fn x06_behind_trusted_proxies_the_rightmost_untrusted_hop_counts() {
        let trusted = ["10.0.0.0/8", "::1/128"];
        let spoofed = ["203.0.113.1, 198.51.100.7, 10.0.0.2"];
        assert_eq!(seen("10.0.0.1", &spoofed, &trusted), "198.51.100.7");
        let two_lines = ["203.0.113.1", "198.51.100.7"];
        assert_eq!(seen("10.0.0.1", &two_lines, &trusted), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7:4711"], &trusted), "198.51.100.7");
        assert_eq!(seen("::1", &["[2001:db8::7]:4711"], &trusted), "2001:db8::7");
    }

    #[test]
    fn x06_an_unreadable_hop_ends_the_search() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &["203.0.113.1, unknown"], &trusted), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], &trusted), "10.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["203.0.113.1"], &trusted), "203.0.113.1");
    }
}
