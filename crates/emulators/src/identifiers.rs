//! Identifiers in the formats of the providers.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The alphabet of Bird's identifiers: Crockford's base 32 in lower case.
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Generates unique identifiers, also across restarts: each is a hash of a seed and a counter.
#[derive(Debug)]
pub(crate) struct Identifiers {
    seed: u128,
    given: AtomicU64,
}

impl Identifiers {
    pub fn new(seed: u128) -> Self {
        Self { seed, given: AtomicU64::new(0) }
    }

    fn bytes(&self) -> [u8; 32] {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(number.to_be_bytes())
            .finalize()
            .into()
    }

    /// 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        let mut hex = hex::encode(self.bytes());
        hex.truncate(32);
        hex
    }

    /// A UUID of version 4.
    pub fn uuid(&self) -> String {
        let hex = self.hex();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-4{}-8{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }

    /// Decimal digits, as Meta numbers its objects.
    pub fn decimal(&self) -> String {
        let bytes = self.bytes();
        let number = bytes.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        format!("{}", 100_000_000_000_000 + number % 800_000_000_000_000)
    }

    /// A message at Meta: `wamid.` and base 64 with the recipient.
    pub fn wamid(&self, recipient: &str) -> String {
        let mut bytes = vec![0x1d, 0x18, u8::try_from(recipient.len()).unwrap_or_default()];
        bytes.extend_from_slice(recipient.as_bytes());
        bytes.extend_from_slice(&[0x15, 0x02, 0x00, 0x11, 0x18, 0x12]);
        bytes.extend_from_slice(self.hex().to_uppercase().get(..18).unwrap_or_default().as_bytes());
        bytes.push(0);
        format!("wamid.{}", STANDARD.encode(bytes))
    }

    /// An object at Twilio: two letters and 32 hexadecimal digits.
    pub fn sid(&self, letters: &str) -> String {
        format!("{letters}{}", self.hex())
    }

    /// An object at Bird's platform: a prefix and 26 letters of Crockford's base 32.
    pub fn crockford(&self, prefix: &str) -> String {
        let letters = self.bytes().into_iter().take(26).filter_map(|byte| {
            CROCKFORD.get(usize::from(byte) % CROCKFORD.len()).copied().map(char::from)
        });
        format!("{prefix}_{}", letters.collect::<String>())
    }
}
