//! Which secret and which hash sign a webhook call.
//!
//! By default Twilio signs with the token of the account and SHA-1. If a webhook rule matches
//! the address, it signs with a shared key instead, and names key and algorithm in a header of
//! the call (Twilio, "Sign webhooks with shared keys"). The header is not signed, so it must
//! never lead to the token with another hash: it selects between two secrets that are never the
//! same, and each is used only as Twilio uses it.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::Secret;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::signature::{Algorithm, Form, sign};
use crate::{CheckResult, WebhookError, WebhookRequest};

/// The setting of the shared keys.
pub(super) const SHARED_KEY: &str = "TWILIO_WEBHOOK_SHARED_KEY";

/// The header with the signature.
const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");
/// The header of calls that a shared key signs: `key={id},algorithm={name}`.
const SETTINGS: HeaderName = HeaderName::from_static("x-twilio-webhooks-signature-settings");
/// The header as the self-test sends it.
const SELF_TEST_SETTINGS: HeaderValue =
    HeaderValue::from_static("key=self-test,algorithm=HMAC_SHA256");

/// The secrets that may sign calls.
pub(super) struct WebhookKeys {
    /// The token of the account, and the secondary one while tokens are rotated.
    tokens: Vec<Secret<String>>,
    /// The secrets of shared keys: none, one, or several while they are rotated.
    shared: Vec<Secret<String>>,
    /// How many calls named a shared key while none was set.
    refused_without_key: AtomicU64,
}

impl WebhookKeys {
    pub(super) const fn new(tokens: Vec<Secret<String>>, shared: Vec<Secret<String>>) -> Self {
        Self { tokens, shared, refused_without_key: AtomicU64::new(0) }
    }

    /// The secrets and the hash of a call.
    pub(super) fn for_call(
        &self,
        request: &WebhookRequest<'_>,
    ) -> Result<(&[Secret<String>], Algorithm), WebhookError> {
        let Some(settings) = signature_settings(request.headers)? else {
            return Ok((&self.tokens, Algorithm::HmacSha1));
        };
        let algorithm = algorithm(settings).ok_or(WebhookError::UnknownAlgorithm)?;
        if self.shared.is_empty() {
            self.refused_without_key.fetch_add(1, Ordering::Relaxed);
            return Err(WebhookError::NoSharedKey);
        }
        Ok((&self.shared, algorithm))
    }

    /// The headers of a call that the shop sends to itself. A shared key signs it if one is set,
    /// because that is the setting that can be missing where the shop runs.
    pub(super) fn sign(&self, url: &str, form: &Form) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        let signature = if let Some(key) = self.shared.first() {
            headers.insert(SETTINGS, SELF_TEST_SETTINGS);
            sign(key, Algorithm::HmacSha256, url, form)
        } else {
            sign(self.tokens.first()?, Algorithm::HmacSha1, url, form)
        };
        headers.insert(SIGNATURE, HeaderValue::from_str(&signature?).ok()?);
        Some(headers)
    }

    /// Says which signatures are accepted, and whether calls were refused for lack of a key.
    pub(super) fn describe(&self) -> CheckResult {
        let refused = self.refused_without_key.load(Ordering::Relaxed);
        let outcome = match (self.shared.is_empty(), refused) {
            (false, _) => Ok("the auth token signs calls, and so does the shared key".to_owned()),
            (true, 0) => Ok(format!(
                "the auth token signs calls; if a webhook rule in the Twilio console signs them \
                 with a shared key, set {SHARED_KEY}, because such calls are refused without it"
            )),
            (true, refused) => Err(format!(
                "{refused} calls named a shared key and were refused: set {SHARED_KEY} to the \
                 secret of the key that the webhook rule signs with"
            )),
        };
        CheckResult::new("webhook signatures", outcome)
    }
}

/// The signature of a call.
pub(super) fn signature<'a>(request: &WebhookRequest<'a>) -> Result<&'a str, WebhookError> {
    request
        .header(SIGNATURE.as_str())
        .filter(|signature| !signature.is_empty())
        .ok_or(WebhookError::NoSignature)
}

/// The value of the settings header. An empty header counts as absent, as in Twilio's libraries.
/// Two headers are ambiguous, and a value that is not text names no algorithm.
fn signature_settings(headers: &HeaderMap) -> Result<Option<&str>, WebhookError> {
    let mut values = headers.get_all(SETTINGS).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| WebhookError::UnknownAlgorithm)?.trim();
            Ok((!text.is_empty()).then_some(text))
        }
        (Some(_), Some(_)) => Err(WebhookError::UnknownAlgorithm),
    }
}

/// The algorithm that the header names. Twilio's libraries take SHA-1 if it names none.
fn algorithm(settings: &str) -> Option<Algorithm> {
    let named = settings.split(',').filter_map(|part| part.split_once('='));
    let mut named = named
        .filter(|(name, value)| name.trim() == "algorithm" && !value.trim().is_empty())
        .map(|(_, value)| value.trim());
    match (named.next(), named.next()) {
        (None, _) => Some(Algorithm::HmacSha1),
        (Some(name), None) => Algorithm::parse(name),
        (Some(_), Some(_)) => None,
    }
}
