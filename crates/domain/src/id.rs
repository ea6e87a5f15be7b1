//! Names of rows: 128 random bits each, written as 32 lower-case hex digits.
//!
//! An id never carries meaning and cannot be guessed (ASVS 5.0 §11.5.1), so one
//! may stand in a cookie or, where the design says so, in an address.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            /// The id made of these bits; the caller draws them at random.
            pub fn from_bits(bits: u128) -> Self {
                Self(format!("{bits:032x}"))
            }

            /// Reads an id as it stands in a row, a cookie or an address.
            pub fn parse(text: &str) -> Option<Self> {
                let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                (text.len() == 32 && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
            }

            /// The 32 digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A shopper's or merchant's account.
    AccountId;
    /// One request for a code.
    ChallengeId;
    /// One message to a phone, a row of the outbox.
    MessageId;
    /// One authenticated period of one browser.
    SignInId;
    /// A browser that may skip the sign-in code.
    DeviceId;
    /// The right to set a new password, once.
    PermissionId;
    /// The right to charge one version of one order, once.
    AuthorisationId;
    /// A group of products.
    CategoryId;
    /// A thing on sale.
    ProductId;
    /// One buyable choice of a product: its colour and size.
    VariantId;
    /// A basket, of a guest or of an account.
    CartId;
    /// An order.
    OrderId;
    /// What stands in the address of an order's page.
    OrderToken;
    /// One attempt to charge an order; also its idempotency key.
    PaymentId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x23_an_id_is_128_bits_in_hex() {
        let id = ChallengeId::from_bits(7);
        assert_eq!(id.as_str().len(), 32);
        assert_eq!(ChallengeId::parse(id.as_str()), Some(id));
        for bad in ["", "7", "../etc/passwd", "0000000000000000000000000000000G"] {
            assert_eq!(ChallengeId::parse(bad), None);
        }
    }
}
