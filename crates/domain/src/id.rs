//! Identifiers of rows: 128 random bits, written as 32 hexadecimal digits in lower case.
//!
//! An identifier has no meaning and cannot be guessed (ASVS 5.0 §11.5.1), so it may be in a cookie and,
//! for some types, in an address.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            /// The identifier of these bits, which must be random.
            pub fn from_bits(bits: u128) -> Self {
                Self(format!("{bits:032x}"))
            }

            /// Reads an identifier from a row, a cookie or an address.
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
    /// The account of a shopper or merchant.
    AccountId;
    /// One request for a code.
    ChallengeId;
    /// One message to a phone, a row of the outbox.
    MessageId;
    /// One e-mail, a row of its outbox.
    EmailId;
    /// One link that confirms an e-mail address.
    EmailConfirmationId;
    /// A signed-in session of one browser.
    SignInId;
    /// A trusted browser, which needs no code to sign in.
    DeviceId;
    /// The permission to set a new password once.
    PermissionId;
    /// One change of phone that the merchant started.
    PhoneChangeRequestId;
    /// The authorisation to charge one version of an order once.
    AuthorisationId;
    /// A group of products.
    CategoryId;
    /// A product for sale.
    ProductId;
    /// A variant of a product: one colour and size.
    VariantId;
    /// One change of a stock by a difference; it is made with the form, so that a form that is
    /// sent twice changes the stock once.
    StockChangeId;
    /// The basket of a guest or an account.
    CartId;
    /// An order.
    OrderId;
    /// The token in the address of an order's page.
    OrderToken;
    /// One notice of withdrawal; it is made with the form, so that a form that is sent twice is one
    /// notice.
    WithdrawalId;
    /// One payment of an order; its idempotency keys at the gateway are made of it.
    PaymentId;
    /// One refund of a payment; also its idempotency key at the gateway.
    RefundId;
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
