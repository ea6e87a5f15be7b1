//! The flash: what the next page shows once, because without script a form cannot show its
//! response in place.
//!
//! It travels in a cookie of its own, which the page that shows it deletes. A form that was refused
//! so makes no row in the database, whoever sends how many. Nothing is decided by it: it holds
//! what the visitor typed, without passwords and codes, and which words to show.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{Field, Refusal};
use http::{header, request::Parts};
use serde::{Deserialize, Serialize};

use super::{add_header, cookie, cookies, request, text};
use crate::{routes, text::FlashMessage};

/// How long a flash waits for its page, in seconds.
const MAX_AGE_SECONDS: u64 = 300;
/// The length that the value may have: browsers keep cookies of 4096 bytes, attributes included.
const MAX_VALUE_LEN: usize = 3_500;

/// What the next page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// Why the form was refused.
    pub refusal: Option<Refusal>,
    /// The reference of a fault.
    pub fault: Option<String>,
    /// What was typed, by the field's name; never a password or a code.
    pub typed: HashMap<String, String>,
    /// What succeeded.
    pub message: Option<FlashMessage>,
    /// The `id` of the part of the page that the form belongs to, where it is shown.
    #[serde(default)]
    pub anchor: Option<String>,
}

impl Flash {
    /// Takes the flash if its form belongs to the part of the page with this `id`, and leaves
    /// nothing. What no part takes is shown at the top of the page.
    pub fn take_at(&mut self, anchor: &str) -> Self {
        match self.anchor.as_deref() == Some(anchor) {
            true => std::mem::take(self),
            false => Self::default(),
        }
    }

    /// What was typed into a field, to show it again.
    pub fn value(&self, field: Field) -> String {
        self.typed.get(field.as_str()).cloned().unwrap_or_default()
    }

    /// What is wrong with a field, in words.
    pub fn problem(&self, field: Field) -> Option<String> {
        let Some(Refusal::Invalid(problems)) = &self.refusal else { return None };
        problems
            .iter()
            .find(|problem| problem.field() == field)
            .map(|problem| text().problem(*problem))
    }

    /// Whether what was typed is wrong: a malformed or wrong code, a wrong password.
    pub fn is_input_wrong(&self) -> bool {
        self.refusal.as_ref().is_some_and(Refusal::is_about_input)
    }

    /// The sentence for the alert, if there is one.
    pub fn alert(&self) -> Option<String> {
        match (&self.fault, &self.refusal) {
            (Some(reference), _) => Some(text().fault(reference)),
            (None, refusal) => refusal.as_ref().map(|refusal| text().refusal(refusal)),
        }
    }
}

/// Takes the flash of the request. Its page deletes the cookie.
pub fn take_flash() -> shop::Result<Flash> {
    let (parts, cookies) = (request()?, cookies()?);
    match cookie(&parts, cookies.flash()) {
        Some(value) => {
            add_header(header::SET_COOKIE, &cookies.set(cookies.flash(), "", 0));
            Ok(Flash::decode(value).unwrap_or_default())
        }
        None if lacks_cookie(&parts, cookies.browser()) => {
            Ok(Flash { refusal: Some(Refusal::CookieNeeded), ..Flash::default() })
        }
        None => Ok(Flash::default()),
    }
}

/// Whether this page follows a form that was refused for want of a cookie, which is missing again.
fn lacks_cookie(parts: &Parts, name: &str) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    query.split('&').any(|pair| pair == routes::WITHOUT_COOKIE) && cookie(parts, name).is_none()
}

/// Stores a flash for the next page.
pub(super) fn store_flash(flash: Flash) -> shop::Result<()> {
    let cookies = cookies()?;
    let line = cookies.set(cookies.flash(), &flash.encode(), MAX_AGE_SECONDS);
    add_header(header::SET_COOKIE, &line);
    Ok(())
}

impl Flash {
    /// The value of the cookie. Of what was typed, the longest texts are left out until the rest
    /// fits.
    fn encode(mut self) -> String {
        loop {
            let value = serde_json::to_vec(&self).map(|json| BASE64.encode(json));
            let value = value.unwrap_or_default();
            let longest = self.typed.iter().max_by_key(|(_, text)| text.len());
            match longest.map(|(field, _)| field.clone()) {
                Some(field) if value.len() > MAX_VALUE_LEN => drop(self.typed.remove(&field)),
                _ => return value,
            }
        }
    }

    fn decode(value: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64.decode(value).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Flash {
        let typed = fields.iter().map(|(field, text)| ((*field).into(), (*text).into()));
        Flash { typed: typed.collect(), ..Flash::default() }
    }

    #[test]
    fn a_flash_reads_back_as_it_was_written() {
        let refused = Refusal::Invalid(vec![domain::Problem::EmailInvalid]);
        for flash in [
            Flash::default(),
            Flash { refusal: Some(refused), ..typed(&[("email", "nobody")]) },
            Flash { refusal: Some(Refusal::TooMany { seconds: 60 }), ..Flash::default() },
            Flash { fault: Some("4f2a".into()), ..Flash::default() },
            Flash { message: Some(FlashMessage::Welcome), ..Flash::default() },
            typed(&[("name", "Zoë; \"O’Neil\", प्रिया\r\nSet-Cookie: a=b")]),
        ] {
            let value = flash.clone().encode();
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(value.bytes().all(is_plain), "{value}");
            assert_eq!(Flash::decode(&value), Some(flash));
        }
    }

    #[test]
    fn a_long_flash_loses_its_longest_texts_and_fits_into_a_cookie() {
        let long = "\u{10FFFF}".repeat(200);
        let fields: Vec<String> = (0..12).map(|number| format!("field{number}")).collect();
        let mut all: Vec<_> = fields.iter().map(|field| (&**field, &*long)).collect();
        all.push(("city", "London"));
        let value = typed(&all).encode();
        assert!(value.len() <= MAX_VALUE_LEN, "{}", value.len());
        let read = Flash::decode(&value).unwrap();
        assert_eq!(read.typed["city"], "London");
        assert!(read.typed.len() >= 3, "{}", read.typed.len());
    }

    #[test]
    fn a_forged_flash_is_no_flash() {
        for value in ["", "e30", "{}", "bm90IGpzb24", "%%%", &"A".repeat(9_000)] {
            assert!(Flash::decode(value).is_none_or(|flash| flash == Flash::default()), "{value}");
        }
    }
}
