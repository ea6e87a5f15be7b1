//! Recovery codes, which a person keeps on paper for the day when the phone is lost, and how a
//! typed text is read as one.

/// The number of characters of a recovery code: 120 bits, so that a plain digest protects it
/// (ASVS 5.0 §6.5.2: at least 112).
const CHARS: usize = 24;
/// The number of characters that are written together.
const GROUP: usize = 4;
/// A longer text is refused without reading it.
const MAX_INPUT_BYTES: usize = 256;

/// The 32 characters of Crockford's Base32, which leaves out I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 24 characters of Crockford's Base32, which `Debug` does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; CHARS]);

impl RecoveryCode {
    /// The code of the lowest 120 bits, which must be unpredictable.
    pub fn from_bits(bits: u128) -> Self {
        let mut characters = [0; CHARS];
        let mut rest = bits;
        for character in characters.iter_mut().rev() {
            let value = usize::try_from(rest & 31).unwrap_or(0);
            *character = ALPHABET.get(value).copied().unwrap_or(b'0');
            rest >>= 5;
        }
        Self(characters)
    }

    /// Reads a code as people type and paste it: in either case, with or without the hyphens,
    /// and with the letters O, I and L in place of the digits 0 and 1. Everything that is
    /// neither a letter nor a digit is dropped. `None` if it is no recovery code; such a text
    /// is not a guess.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_INPUT_BYTES {
            return None;
        }
        let characters: Option<Vec<u8>> =
            text.chars().filter(|character| character.is_alphanumeric()).map(read).collect();
        Some(Self(characters?.try_into().ok()?))
    }

    /// The characters without hyphens, for the digest.
    pub const fn expose(&self) -> &[u8; CHARS] {
        &self.0
    }

    /// The code as it is printed: six groups of four characters.
    pub fn expose_text(&self) -> String {
        let groups = self.0.chunks(GROUP).map(|group| group.iter().copied().map(char::from));
        groups.map(Iterator::collect).collect::<Vec<String>>().join("-")
    }
}

/// The character of the alphabet that a typed one stands for.
fn read(typed: char) -> Option<u8> {
    let upper = u8::try_from(typed).ok()?.to_ascii_uppercase();
    let meant = match upper {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.contains(&meant).then_some(meant)
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BITS: u128 = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef;
    const TEXT: &str = "4D2P-F2DB-SQQG-28T5-CY4T-QKFF";

    fn text(typed: &str) -> Option<String> {
        RecoveryCode::parse(typed).map(|code| code.expose_text())
    }

    #[test]
    fn s_a02_a_recovery_code_has_120_bits() {
        let lowest = RecoveryCode::from_bits(0).expose_text();
        let highest = RecoveryCode::from_bits(u128::MAX).expose_text();
        assert_eq!(lowest, "0000-0000-0000-0000-0000-0000");
        assert_eq!(highest, "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        for bit in 0..120 {
            assert_ne!(RecoveryCode::from_bits(1 << bit).expose_text(), lowest, "{bit}");
        }
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        assert_eq!(RecoveryCode::from_bits(BITS).expose_text(), TEXT);
        for typed in [
            TEXT,
            "4d2p-f2db-sqqg-28t5-cy4t-qkff",
            "4D2PF2DBSQQG28T5CY4TQKFF",
            "  4D2P F2DB SQQG 28T5 CY4T QKFF\r\n",
            "4D2P\u{2013}F2DB\u{2011}SQQG\u{a0}28T5\u{200b}CY4T\tQKFF.",
            "\"4D2P-F2DB-SQQG-28T5-CY4T-QKFF\"",
            "• 4D2P-F2DB-SQQG-28T5-CY4T-QKFF",
        ] {
            assert_eq!(text(typed).as_deref(), Some(TEXT), "{typed:?}");
        }
        let letters = "OOOO-oooo-IIII-iiii-LLLL-llll";
        assert_eq!(text(letters).as_deref(), Some("0000-0000-1111-1111-1111-1111"));
    }

    #[test]
    fn what_is_no_recovery_code_is_refused() {
        let (long, huge) = (format!("{TEXT}0"), "4".repeat(10_000_000));
        for typed in [
            "",
            "-",
            "123456",
            "4D2P-F2DB-SQQG-28T5-CY4T-QKF",
            &long,
            "UD2P-F2DB-SQQG-28T5-CY4T-QKFF",
            "４D2P-F2DB-SQQG-28T5-CY4T-QKFF",
            "4D2P-F2DB-SQQG-28T5-CY4T-QKFß",
            &huge,
        ] {
            assert_eq!(text(typed), None, "{typed:.40}");
        }
    }

    #[test]
    fn x114_debug_does_not_print_a_recovery_code() {
        assert_eq!(format!("{:?}", RecoveryCode::from_bits(BITS)), "RecoveryCode(…)");
    }

    proptest::proptest! {
        #[test]
        fn every_recovery_code_is_read_back(bits: u128) {
            let code = RecoveryCode::from_bits(bits);
            proptest::prop_assert_eq!(RecoveryCode::parse(&code.expose_text()), Some(code));
        }
    }
}
