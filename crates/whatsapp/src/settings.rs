//! The settings of the providers. Each provider names its own settings; the server reads
//! the values from the environment.

use std::sync::Arc;

use domain::Secret;
use http::HeaderValue;
use url::Url;

use crate::{Now, http_client::HttpClient, placeholder::is_placeholder};

/// Where settings come from. The server's implementation prints every value that was
/// read, except secrets, which it recognises by the end of their names: `_KEY`, `_SECRET`,
/// `_TOKEN` or `_PASSWORD`.
pub trait SettingsSource {
    /// The value of a setting; `None` if it is not set.
    fn optional(&mut self, name: &'static str) -> Option<String>;

    /// Reports that a setting is wrong: its name, the problem, and an example of a value.
    fn refuse(&mut self, name: &'static str, problem: &str, example: &str);

    /// Reports the default value of a setting that is not set.
    fn note_default(&mut self, _name: &'static str, _value: &str) {}

    /// Whether the shop runs in production, where messages go to real phones.
    fn is_production(&self) -> bool {
        false
    }
}

impl dyn SettingsSource + '_ {
    /// A setting that must be set; reports it if it is missing.
    pub fn required(&mut self, name: &'static str, example: &str) -> Option<String> {
        let value = self.real(name, example)?;
        if value.is_none() {
            self.refuse(name, "is missing", example);
        }
        value
    }

    /// The value of a setting, if there is one. Reports a value that only stands for one, and is
    /// `None` then.
    #[expect(clippy::option_option, reason = "the outer one says that the setting is wrong")]
    fn real(&mut self, name: &'static str, example: &str) -> Option<Option<String>> {
        let value = self.optional(name);
        if value.as_deref().is_some_and(is_placeholder) {
            self.refuse(name, "is a placeholder and not a value", example);
            return None;
        }
        Some(value)
    }

    /// A secret that must be set.
    pub fn secret(&mut self, name: &'static str, example: &str) -> Option<Secret<String>> {
        self.required(name, example).map(Secret::new)
    }

    /// A secret that must be set, as the value of a header that begins with `scheme`.
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

    /// A setting that must be set and valid.
    pub fn checked<T>(
        &mut self,
        name: &'static str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.required(name, example)?;
        self.parsed(name, &value, example, parse)
    }

    /// A setting that may be missing, but must be valid where it is set: `None` if it is
    /// not valid.
    pub fn checked_if_set<T>(
        &mut self,
        name: &'static str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        match self.real(name, example)? {
            None => Some(None),
            Some(value) => self.parsed(name, &value, example, parse).map(Some),
        }
    }

    /// A setting with a default.
    pub fn defaulted<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.real(name, default)?.unwrap_or_else(|| {
            self.note_default(name, default);
            default.to_owned()
        });
        self.parsed(name, &value, default, parse)
    }

    /// The address of a provider's service, without a slash at its end. Plain http is allowed for
    /// this machine only, and not in production.
    pub fn base_url(&mut self, name: &'static str, default: &str) -> Option<String> {
        let is_production = self.is_production();
        self.defaulted(name, default, |text| base_url(text, is_production))
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

/// Hosts that are reserved for documentation (RFC 2606, RFC 6761), where nothing answers.
const RESERVED_HOSTS: [&str; 6] =
    ["example", "invalid", "test", "example.com", "example.net", "example.org"];

/// Parses the address of a provider's service.
fn base_url(text: &str, is_production: bool) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| "is not a URL".to_owned())?;
    let host = url.host_str().unwrap_or_default();
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => {}
        "http" if is_here && !is_production => {}
        _ => return Err("must begin with https://".to_owned()),
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if url.query().is_some() || url.fragment().is_some() || has_user {
        return Err("must consist of a scheme, a host and a path only".to_owned());
    }
    if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err("must not contain spaces or line breaks".to_owned());
    }
    let is_reserved = RESERVED_HOSTS.iter().any(|reserved| {
        host.strip_suffix(reserved).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if is_production && is_reserved {
        return Err(format!("names {host}, which is reserved for documentation"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A secret as the value of a header that begins with `scheme`. The value is marked as
/// sensitive, so that it is never printed. `None` if a header cannot hold the secret.
pub(crate) fn header(scheme: &str, secret: &Secret<String>) -> Option<HeaderValue> {
    let text = secret.expose();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut value = HeaderValue::from_str(&format!("{scheme}{text}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What every provider is given besides its own settings.
#[derive(Clone)]
pub struct ProviderContext {
    /// The HTTP client that all providers share.
    pub http_client: HttpClient,
    /// The public address of the shop: scheme, host and port, without a slash at the end.
    pub public_url: Arc<str>,
    /// The beginning of all names of templates, such as `marigold`.
    pub template_prefix: Arc<str>,
    /// The clock.
    pub now: Now,
}

impl ProviderContext {
    /// The webhook address of a provider.
    pub fn webhook_url(&self, provider: &str) -> String {
        format!("{}/webhooks/{provider}", self.public_url)
    }

    /// The host of the shop, for the last line of a text message that lets a browser fill
    /// in the code (WICG, origin-bound one-time codes).
    pub fn host(&self) -> &str {
        self.public_url.split_once("://").map_or(&*self.public_url, |(_, rest)| rest)
    }
}
