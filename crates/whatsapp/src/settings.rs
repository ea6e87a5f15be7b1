//! What a provider needs to know. The values come from the environment, which
//! only the front door reads; their names are each provider's own affair.

use std::sync::Arc;

use domain::Secret;
use http::HeaderValue;
use url::Url;

use crate::{Now, wire::Wire};

/// The front door's reader of settings. It shows every value that it read, but for
/// secrets, which it knows by the end of their name: `_KEY`, `_SECRET`, `_TOKEN` or
/// `_PASSWORD`.
pub trait Variables {
    /// The value of a variable; `None` if it is not set.
    fn optional(&mut self, name: &'static str) -> Option<String>;

    /// AuditBuffer that a variable cannot be used: its name, what is wrong, an example.
    fn refuse(&mut self, name: &'static str, problem: &str, example: &str);

    /// AuditBuffer the value that holds because a variable is not set.
    fn note_default(&mut self, _name: &'static str, _value: &str) {}
}

impl dyn Variables + '_ {
    /// A variable that must be set; its absence is noted.
    pub fn required(&mut self, name: &'static str, example: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.refuse(name, "is missing", example);
        }
        value
    }

    /// A secret that must be set.
    pub fn secret(&mut self, name: &'static str, example: &str) -> Option<Secret<String>> {
        self.required(name, example).map(Secret::new)
    }

    /// A secret that must be set, as the value of a header, after `scheme`.
    pub fn credential(
        &mut self,
        name: &'static str,
        scheme: &str,
        example: &str,
    ) -> Option<HeaderValue> {
        let secret = self.secret(name, example)?;
        header(scheme, &secret).or_else(|| {
            self.refuse(name, "must be one line of visible ASCII characters", example);
            None
        })
    }

    /// A variable that must be set and pass a check.
    pub fn checked<T>(
        &mut self,
        name: &'static str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.required(name, example)?;
        self.parsed(name, &value, example, parse)
    }

    /// A variable that may be missing but passes a check where it is set: `None`
    /// if it did not pass.
    pub fn checked_if_set<T>(
        &mut self,
        name: &'static str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        match self.optional(name) {
            None => Some(None),
            Some(value) => self.parsed(name, &value, example, parse).map(Some),
        }
    }

    /// A variable with a default.
    pub fn defaulted<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.optional(name).unwrap_or_else(|| {
            self.note_default(name, default);
            default.to_owned()
        });
        self.parsed(name, &value, default, parse)
    }

    /// The address of a provider's service, without a slash at its end. Plain http
    /// is for this machine alone.
    pub fn base_url(&mut self, name: &'static str, default: &str) -> Option<String> {
        self.defaulted(name, default, |text| {
            let url = Url::parse(text).map_err(|_| "is not an address of the web".to_owned())?;
            let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            match url.scheme() {
                "https" => {}
                "http" if is_here => {}
                _ => return Err("must begin with https://".to_owned()),
            }
            if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
                return Err("must be a scheme, a host and a path alone".to_owned());
            }
            Ok(text.trim_end_matches('/').to_owned())
        })
    }

    fn parsed<T>(
        &mut self,
        name: &'static str,
        value: &str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(value).map_err(|problem| self.refuse(name, &problem, example)).ok()
    }
}

/// A secret as the value of a header, after `scheme`; never printed. `None` if the
/// secret cannot stand in one.
pub(crate) fn header(scheme: &str, secret: &Secret<String>) -> Option<HeaderValue> {
    let text = secret.expose();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut value = HeaderValue::from_str(&format!("{scheme}{text}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What every provider is given beside its own settings.
#[derive(Clone)]
pub struct Common {
    /// The one way out.
    pub wire: Wire,
    /// The shop's address: scheme, host, port, no slash at its end.
    pub public_url: Arc<str>,
    /// What the names of templates begin with, such as `marigold`.
    pub template_prefix: Arc<str>,
    /// The clock.
    pub now: Now,
}

impl Common {
    /// Where a provider calls back.
    pub fn callback_url(&self, provider: &str) -> String {
        format!("{}/webhooks/{provider}", self.public_url)
    }

    /// The host the shop is at, for the last line of a text message that lets a
    /// browser fill in its code (WICG, origin-bound one-time codes).
    pub fn host(&self) -> &str {
        self.public_url.split_once("://").map_or(&*self.public_url, |(_, rest)| rest)
    }
}
