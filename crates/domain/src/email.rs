//! E-mail addresses. They identify an account, and are never a second factor.

use email_address::Options;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use crate::characters::{fold_case, is_invisible};

/// In bytes (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_EMAIL_LEN: usize = 254;
/// A longer text is refused without reading it. It leaves room for a display name, and for a
/// domain that is shorter in its ASCII form.
const MAX_INPUT_BYTES: usize = 4 * MAX_EMAIL_LEN;

/// An address in the one form that all spellings of its mailbox have: in lower case, the part
/// before the `@` in NFC, and the domain in ASCII (IDNA, UTS 46). Chromium's field for an address
/// submits the domain so already, but with `ss` for `ß`, which is another domain
/// (`findings/chromium-email-field.sh`); nothing can be done about that here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address as people type and paste it: also with a display name
    /// (`Ada <ada@example.com>`), as a `mailto:` link, or with a domain in Unicode.
    ///
    /// IP addresses in place of a domain, quoted parts before the `@` and domains without a dot
    /// are refused: they are valid in RFC 5321, but nobody signs in to a shop with one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_INPUT_BYTES {
            return None;
        }
        let (local, domain) = bare(text.trim())?.rsplit_once('@')?;
        let address = format!("{}@{}", folded(local)?, ascii(domain)?);
        let options = Options {
            minimum_sub_domains: 2,
            allow_domain_literal: false,
            allow_display_text: false,
        };
        let is_valid = address.len() <= MAX_EMAIL_LEN
            && email_address::EmailAddress::parse_with_options(&address, options).is_ok();
        is_valid.then_some(Self(address))
    }

    /// An address that was stored. It was parsed by the rules of its time, so that newer rules
    /// do not make an account unreadable.
    pub fn from_stored(text: &str) -> Option<Self> {
        text.contains('@').then(|| Self(text.to_owned()))
    }

    /// The address in its one form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address without display name and angle brackets, and without `mailto:`.
fn bare(text: &str) -> Option<&str> {
    match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').map(str::trim),
        None => Some(text.strip_prefix("mailto:").unwrap_or(text)),
    }
}

/// The part before the `@`.
fn folded(local: &str) -> Option<String> {
    if local.starts_with('"') || local.chars().any(is_invisible) {
        return None;
    }
    Some(fold_case(local))
}

/// The domain as it is in the DNS. A dot at the end is only another way to write the same name.
fn ascii(domain: &str) -> Option<String> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .ok()?;
    let top_level = ascii.rsplit('.').next()?;
    let is_ip_address = top_level.bytes().all(|byte| byte.is_ascii_digit());
    (!is_ip_address).then(|| ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_one_mailbox_are_one_address() {
        for (text, address) in [
            (" Shopper@Example.com ", "shopper@example.com"),
            ("Ada <x@example.com>", "x@example.com"),
            ("\"Lovelace, Ada\" <x@Example.COM>", "x@example.com"),
            ("<x@example.com>", "x@example.com"),
            ("mailto:x@example.com", "x@example.com"),
            ("x@example.com.", "x@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
            ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
            ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
            ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
            ("ada@faß.example", "ada@xn--fa-hia.example"),
            ("JOSÉ@example.com", "josé@example.com"),
            ("jose\u{301}@example.com", "josé@example.com"),
            ("ΟΔΟΣ@example.com", "οδοσ@example.com"),
            ("οδος@example.com", "οδοσ@example.com"),
            ("o'hara+shop@example.co.uk", "o'hara+shop@example.co.uk"),
        ] {
            let parsed = EmailAddress::parse(text);
            assert_eq!(parsed.as_ref().map(EmailAddress::as_str), Some(address), "{text:?}");
        }
    }

    #[test]
    fn an_invalid_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        let long_domain = format!("a@{}com", "abcdefghi.".repeat(26));
        for text in [
            "",
            "shopper",
            "shopper@",
            "@example.com",
            "a@b@c",
            "a b@example.com",
            "a@\n.com",
            "shopper@example",
            "shopper@127.0.0.1",
            "shopper@[127.0.0.1]",
            "shopper@[IPv6:::1]",
            "\"shopper\"@example.com",
            "Ada <x@example.com",
            "Ada <x@example.com> <y@example.com>",
            "x@example.com, y@example.com",
            "shop..per@example.com",
            ".shopper@example.com",
            "shopper@-example.com",
            "shopper@exa_mple.com",
            "shopper@example..com",
            "shopper@xn--a.example",
            "shop\u{200b}per@example.com",
            "shop\u{202e}per@example.com",
            &long,
            &long_domain,
            &"a".repeat(1 << 20),
        ] {
            assert_eq!(EmailAddress::parse(text), None, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn parsing_an_address_again_changes_nothing(text in "[a-zA-Zé.ςΣ]{1,8}@[a-zäß]{1,8}\\.com") {
            if let Some(address) = EmailAddress::parse(&text) {
                proptest::prop_assert_eq!(EmailAddress::parse(address.as_str()), Some(address));
            }
        }
    }
}
