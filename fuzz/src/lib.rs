//! Fuzzing of what reads the webhook calls of the providers: signatures and parsers.
//!
//! An input is a call as text, so that corpus and findings can be read and edited:
//!
//! ```text
//! POST signed /webhooks/meta?a=b
//! x-hub-signature-256: sha256=00
//!
//! {"object":"whatsapp_business_account"}
//! ```
//!
//! `signed` makes the harness sign the call as the provider would, so that the call reaches
//! the parser behind the signature. No call may cause a panic, no unsigned call may be
//! accepted, and no signed call may be rejected for its signature. A test of
//! `crates/whatsapp` includes this file and runs a fixed number of mutations, so that this
//! code cannot become stale.

mod sign;

use std::{collections::HashMap, sync::Arc};

use domain::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use whatsapp::{
    MessageProvider, ProviderContext, SettingsSource, WebhookError, WebhookRequest,
    WebhookResponse, http_client::HttpClient,
};

/// The public address of the shop.
const PUBLIC_URL: &str = "https://shop.example";
/// The time of every call in seconds since 1970: 2026-01-01T00:00:00Z.
pub const NOW: i64 = 1_767_225_600;

/// Complete settings with fictional values.
const SETTINGS: &[(&str, &str)] = &[
    ("META_ACCESS_TOKEN", "EAAGfictional0000000000000000"),
    ("META_PHONE_NUMBER_ID", "106540352242922"),
    ("META_WABA_ID", "102290129340398"),
    ("META_APP_SECRET", sign::SECRET),
    ("META_VERIFY_TOKEN", "fictional-verify-token"),
    ("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222"),
    ("TWILIO_AUTH_TOKEN", sign::SECRET),
    ("TWILIO_WEBHOOK_SHARED_KEY", sign::SHARED_KEY),
    ("TWILIO_FROM", "whatsapp:+15550001111"),
    ("TWILIO_SMS_FROM", "+15550002222"),
    ("D360_API_KEY", "fictional-key-00000000000000000000"),
    ("D360_WEBHOOK_SECRET", sign::SECRET),
    ("MESSAGEBIRD_ACCESS_KEY", "fictional-key-00000000000"),
    ("MESSAGEBIRD_SIGNING_KEY", sign::SECRET),
    ("MESSAGEBIRD_CHANNEL_ID", "619747f69cf940a98fb443140ce9aed2"),
    ("MESSAGEBIRD_NAMESPACE", "5ba2d0b7_f2c6_433b_a66e_57b009ceb6ff"),
    ("BIRD_V1_API_KEY", "bk_eu1_fictional-key-00000"),
    ("BIRD_ACCESS_KEY", "fictional-key-00000000000"),
    ("BIRD_WORKSPACE_ID", "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
    ("BIRD_CHANNEL_ID", "3fa85f64-5717-4562-b3fc-2c963f66afa7"),
    ("BIRD_SIGNING_KEY", sign::SECRET),
    ("BIRD_V1_WEBHOOK_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    (
        "BIRD_TEMPLATES",
        "login=3fa85f64-5717-4562-b3fc-2c963f66afa1,reset=3fa85f64-5717-4562-b3fc-2c963f66afa2,\
         payment=3fa85f64-5717-4562-b3fc-2c963f66afa3,phone=3fa85f64-5717-4562-b3fc-2c963f66afa4,\
         step_up=3fa85f64-5717-4562-b3fc-2c963f66afa5",
    ),
];

/// Reads [`SETTINGS`] instead of the environment.
struct Fictional;

impl SettingsSource for Fictional {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        let known = SETTINGS.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| (*value).to_owned())
    }

    fn refuse(&mut self, name: &'static str, problem: &str, example: &str) {
        panic!("SETTINGS in fuzz/src/lib.rs: {name} {problem}, such as {example}");
    }
}

/// A provider whose webhook is fuzzed.
pub struct Target {
    provider: Arc<dyn MessageProvider>,
}

/// A call that was read from an input.
struct Call {
    method: Method,
    is_signed: bool,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Target {
    /// Opens the provider of this name with fictional settings.
    ///
    /// # Panics
    /// If there is none, or it needs a setting that [`SETTINGS`] does not have.
    pub fn open(provider: &str) -> Self {
        let context = ProviderContext {
            http_client: HttpClient::new().expect("a client"),
            public_url: PUBLIC_URL.into(),
            template_prefix: "marigold".into(),
            now: Arc::new(|| Timestamp::from_millis(NOW * 1000)),
        };
        let opened = whatsapp::providers::open(provider, &mut Fictional, &context);
        Self { provider: opened.flatten().expect("a provider") }
    }

    /// Makes one call.
    ///
    /// # Panics
    /// If a rule of [the module](self) is violated.
    pub fn attack(&self, input: &[u8]) {
        let Some(mut call) = read(self.provider.name(), input) else { return };
        let is_signed = call.is_signed && sign::sign(self.provider.name(), &mut call);
        let answer = self.provider.read_webhook(&WebhookRequest {
            method: &call.method,
            url: &call.url,
            headers: &call.headers,
            body: &call.body,
            now: Timestamp::from_millis(NOW * 1000),
        });
        match answer {
            Ok(WebhookResponse::Events { events, .. }) => {
                assert!(is_signed, "a forged call was accepted");
                assert!(events.len() <= 1_000, "{} events in one call", events.len());
            }
            Ok(WebhookResponse::Echo(_)) => {}
            Err(
                WebhookError::NoSignature
                | WebhookError::BadSignature
                | WebhookError::UnknownAlgorithm
                | WebhookError::NoSharedKey
                | WebhookError::Stale,
            ) => {
                assert!(!is_signed, "a signed call was rejected as a forgery");
            }
            Err(WebhookError::NotOffered | WebhookError::Malformed) => {}
        }
    }
}

/// Parses an input; `None` for what HTTP cannot transport.
fn read(provider: &str, input: &[u8]) -> Option<Call> {
    let end = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((input, &[][..]), |end| (&input[..end], &input[end + 2..]));
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let query = first.split_once('?').map(|(_, query)| query);
    let query = query.filter(|query| query.bytes().all(|byte| byte.is_ascii_graphic()));
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let name = name.parse::<HeaderName>();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    Some(Call {
        method: if first.starts_with("GET") { Method::GET } else { Method::POST },
        is_signed: first.contains(" signed"),
        url: format!("{PUBLIC_URL}/webhooks/{provider}{query}"),
        headers,
        body: body.to_vec(),
    })
}

/// Random but reproducible mutations of seeds.
pub struct Mutations {
    seeds: Vec<Vec<u8>>,
    state: u64,
}

impl Mutations {
    /// Mutations of these seeds.
    pub const fn of(seeds: Vec<Vec<u8>>) -> Self {
        Self { seeds, state: 0x6d61_7269_676f_6c64 }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = bound.max(1) as u64;
        ((bits ^ (bits >> 31)) % bound) as usize
    }

    fn part<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let (one, other) = (self.below(bytes.len() + 1), self.below(bytes.len() + 1));
        &bytes[one.min(other)..one.max(other)]
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const WORDS: [&[u8]; 12] = [
            b"{",
            b"[",
            b"\"",
            b"null",
            b"-1",
            b"1e999",
            b"\\u0000",
            b"\xff",
            b"%00",
            b"&",
            b"\n",
            b"18446744073709551616",
        ];
        let index = self.below(bytes.len() + 1);
        match self.below(7) {
            0 if index < bytes.len() => bytes[index] ^= 1 << self.below(8),
            1 => bytes.truncate(index),
            2 => drop(bytes.splice(index..index, WORDS[self.below(WORDS.len())].iter().copied())),
            3 => {
                let again = self.part(bytes).repeat(1 + self.below(4));
                drop(bytes.splice(index..index, again));
            }
            4 => {
                let end = index + self.below(bytes.len() - index + 1);
                drop(bytes.drain(index..end));
            }
            5 => {
                let other = self.below(self.seeds.len());
                let other = self.seeds[other].clone();
                let part = self.part(&other).to_vec();
                drop(bytes.splice(index..index, part));
            }
            _ => {
                let deep = b"[".repeat(self.below(200));
                drop(bytes.splice(index..index, deep));
            }
        }
        bytes.truncate(256 * 1024);
    }
}

impl Iterator for Mutations {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let seed = self.below(self.seeds.len());
        let mut input = self.seeds.get(seed)?.clone();
        for _ in 0..=self.below(4) {
            self.mutate(&mut input);
        }
        Some(input)
    }
}

/// Reads the files of a corpus, which hold example calls of a provider.
///
/// # Panics
/// If there are none.
pub fn seeds(corpus: &std::path::Path) -> Vec<Vec<u8>> {
    let files: HashMap<_, _> = std::fs::read_dir(corpus)
        .expect("a corpus")
        .map(|entry| entry.expect("a file").path())
        .map(|path| (path.clone(), std::fs::read(path).expect("a seed")))
        .collect();
    assert!(!files.is_empty(), "{} is empty", corpus.display());
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort();
    files.into_iter().map(|(_, seed)| seed).collect()
}
