//! The authority of a request, which is the host and port that the client asked for. Clients and
//! proxies write one authority in several ways, so that it is compared by meaning and not by
//! letter: upper and lower case are equal, the default port may be left out, and a host may
//! end in the dot of the root (RFC 3986, 3.2.2 and 6.2.3).

use std::net::Ipv6Addr;

use axum::http::{HeaderMap, Uri, Version, header, uri};

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    host: String,
    port: u16,
}

impl Authority {
    /// Parses `host` or `host:port`. Without a port it is the default port of the scheme.
    pub fn parse(text: &str, scheme: &str) -> Option<Self> {
        let authority: uri::Authority = text.parse().ok()?;
        // `host` leaves out user names, which no client has a reason to send.
        let rest = authority.as_str().strip_prefix(authority.host())?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => default_port(scheme),
            Some("") => default_port(scheme),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            _ => return None,
        };
        let host = authority.host();
        let host = host.strip_suffix('.').unwrap_or(host);
        (!host.is_empty()).then(|| Self { host: canonical(host), port })
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The authority of an origin, such as `https://shop.example`, and the scheme of that origin.
    pub fn of_origin(origin: &str) -> Option<(Self, String)> {
        let (scheme, authority) = origin.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        Some((Self::parse(authority, &scheme)?, scheme))
    }

    /// The authority of a request. It stands in `Host`, or, in HTTP/2 and in requests to a
    /// proxy, in the address itself, which then has precedence (RFC 9112, 3.2.2). It is `None` if
    /// there is none, if `Host` occurs twice, or if HTTP/2 has two different ones (RFC 9113,
    /// 8.3.1).
    pub fn of_request(
        version: Version,
        address: &Uri,
        headers: &HeaderMap,
        scheme: &str,
    ) -> Option<Self> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next();
        if hosts.next().is_some() {
            return None;
        }
        let host = host.map(|host| Self::parse(host.to_str().ok()?, scheme));
        match (address.authority(), host) {
            (None, host) => host?,
            (Some(authority), None) => Self::parse(authority.as_str(), scheme),
            (Some(authority), Some(host)) => {
                let authority = Self::parse(authority.as_str(), scheme);
                let must_agree = version == Version::HTTP_2;
                authority.filter(|authority| !must_agree || host.as_ref() == Some(authority))
            }
        }
    }
}

fn default_port(scheme: &str) -> u16 {
    if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 }
}

/// The host in lower case, an IPv6 address in its shortest form.
fn canonical(host: &str) -> String {
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match literal.and_then(|literal| literal.parse::<Ipv6Addr>().ok()) {
        Some(address) => format!("[{address}]"),
        None => host.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x103_one_authority_is_known_in_every_spelling() {
        for (scheme, spellings) in [
            ("https", &["shop.example", "SHOP.Example", "shop.example.", "shop.example:443"][..]),
            ("https", &["shop.example:", "shop.example.:443", "Shop.Example.:0443"]),
            ("http", &["shop.example", "shop.example:80", "SHOP.EXAMPLE.:80"]),
            ("https", &["shop.example:8443", "Shop.example.:8443"]),
            ("http", &["[::1]:3000", "[0:0:0:0:0:0:0:1]:3000"]),
            ("http", &["127.0.0.1:3000", "127.0.0.1.:3000"]),
            ("https", &["[2001:DB8::7]", "[2001:db8:0::7]:443"]),
        ] {
            let first = Authority::parse(spellings[0], scheme).unwrap();
            for other in spellings {
                assert_eq!(Authority::parse(other, scheme).as_ref(), Some(&first), "{other}");
            }
        }
    }

    #[test]
    fn x103_another_authority_is_never_taken_for_ours() {
        let ours = Authority::parse("shop.example", "https");
        assert!(ours.is_some());
        for other in [
            "",
            ".",
            ":443",
            "shop.example:80",
            "shop.example:8443",
            "shop.example:+443",
            "shop.example:65979",
            "shop.example:x",
            "shop.example..",
            "www.shop.example",
            "shop.example.evil.example",
            "shopXexample",
            "ada@shop.example",
            "evil.example@shop.example",
            "shop.example, evil.example",
            "shop.example/",
            "shop.example\\evil.example",
            "shop%2Eexample",
            "[::1]",
        ] {
            assert_ne!(Authority::parse(other, "https"), ours, "{other:?}");
        }
    }

    #[test]
    fn x103_the_authority_stands_in_host_or_in_the_address() {
        let ours = Authority::parse("shop.example", "https");
        for (version, address, hosts, is_ours) in [
            (Version::HTTP_11, "/", &["shop.example"][..], true),
            (Version::HTTP_11, "/", &["shop.example:443"], true),
            (Version::HTTP_11, "/", &[], false),
            (Version::HTTP_11, "/", &["shop.example", "shop.example"], false),
            (Version::HTTP_11, "/", &["shop.example", "evil.example"], false),
            (Version::HTTP_11, "https://shop.example/", &["evil.example"], true),
            (Version::HTTP_11, "https://evil.example/", &["shop.example"], false),
            (Version::HTTP_2, "http://shop.example/", &[], true),
            (Version::HTTP_2, "http://SHOP.EXAMPLE.:443/", &[], true),
            (Version::HTTP_2, "https://shop.example/", &["Shop.Example:443"], true),
            (Version::HTTP_2, "https://shop.example/", &["evil.example"], false),
            (Version::HTTP_2, "https://evil.example/", &["shop.example"], false),
            (Version::HTTP_2, "/", &["shop.example"], true),
            (Version::HTTP_2, "/", &[], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            let uri: Uri = address.parse().unwrap();
            let found = Authority::of_request(version, &uri, &headers, "https");
            assert_eq!(found == ours, is_ours, "{version:?} {address} {hosts:?}");
        }
    }

    #[test]
    fn x100_an_origin_is_read_with_its_scheme() {
        let ours = Authority::of_origin("https://shop.example");
        for same in ["https://shop.example:443", "HTTPS://Shop.Example", "https://shop.example."] {
            assert_eq!(Authority::of_origin(same), ours, "{same}");
        }
        for other in [
            "null",
            "",
            "shop.example",
            "http://shop.example",
            "https://shop.example:444",
            "https://shop.example/",
            "https://shop.example https://evil.example",
            "https://shop.example.evil.example",
            "https://evil.example/https://shop.example",
        ] {
            assert_ne!(Authority::of_origin(other), ours, "{other}");
        }
    }
}
