//! The visitor who sends a request: the browser, the network address, and the account if one
//! is signed in. The HTTP layer makes it for each request and passes it to every use case.

use std::net::IpAddr;

use domain::{AccountId, EmailAddress, Language, Refusal, Role, Secret, SignInId, Timestamp};
use sha2::{Digest, Sha256};

use crate::error::Result;

/// The sender of a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The secret in this browser's cookie, to which challenges are bound.
    pub browser: BrowserSecret,
    /// The network address that the request came from.
    pub address: ClientAddress,
    /// The `User-Agent` of the browser, cut to a maximum length.
    pub user_agent: String,
    /// The language of messages that the visitor asks for.
    pub language: Language,
    /// The account, if this browser is signed in.
    pub signed_in: Option<SignedIn>,
}

impl Visitor {
    /// The signed-in account, or the refusal that leads to the sign-in page.
    pub fn require_signed_in(&self) -> Result<&SignedIn> {
        self.signed_in.as_ref().ok_or_else(|| Refusal::SignInNeeded.into())
    }

    /// Refuses a browser that has not sent its secret back: without it, no code could be answered.
    pub(crate) fn require_cookie(&self) -> Result<()> {
        if self.browser.is_kept { Ok(()) } else { Err(Refusal::CookieNeeded.into()) }
    }
}

/// An authenticated account in one browser.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The id of the sign-in.
    pub id: SignInId,
    /// The id of the account.
    pub account: AccountId,
    /// What the account may do.
    pub role: Role,
    /// The person's name.
    pub name: String,
    /// The e-mail address of the account.
    pub email: EmailAddress,
    /// When password and code were last given again (see `step_up`).
    pub stepped_up_at: Option<Timestamp>,
}

/// The random secret in the cookie of one browser. Rows keep only its digest.
#[derive(Clone, Debug)]
pub struct BrowserSecret {
    secret: Secret<String>,
    /// Whether the browser has sent it, and so keeps cookies.
    is_kept: bool,
}

impl BrowserSecret {
    /// The secret of a browser that keeps it, of 128 random bits.
    pub fn from_bits(bits: u128) -> Self {
        Self { secret: Secret::new(format!("{bits:032x}")), is_kept: true }
    }

    /// A secret for a browser that sent none. It is not known yet whether it will keep it.
    pub fn offered(bits: u128) -> Self {
        Self { is_kept: false, ..Self::from_bits(bits) }
    }

    /// Reads a cookie.
    pub fn parse(cookie: &str) -> Option<Self> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (cookie.len() == 32 && cookie.bytes().all(is_hex))
            .then(|| Self { secret: Secret::new(cookie.to_owned()), is_kept: true })
    }

    /// The secret, for the cookie.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// The SHA-256 digest, which rows keep.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.expose()))
    }
}

/// A client's network address as limits count it: an IPv4 address, or an IPv6 /64, because one
/// customer has the whole /64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(String);

impl ClientAddress {
    /// The key for this address. An IPv4-mapped IPv6 address counts as IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_string()),
            IpAddr::V6(v6) => {
                let network = v6.to_bits() & !u128::from(u64::MAX);
                Self(format!("{}/64", std::net::Ipv6Addr::from_bits(network)))
            }
        }
    }

    /// The key of counters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        ClientAddress::of(address.parse().unwrap()).as_str().to_owned()
    }

    #[test]
    fn x08_an_ipv6_customer_is_one_address() {
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }

    #[test]
    fn x08_a_mapped_address_is_the_ipv4_address() {
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
