//! Who buys: an account, or a guest who leaves an e-mail address and a phone number.

use crate::{AccountId, EmailAddress, PhoneNumber};

/// The buyer of an order. The code that confirms the payment goes to the phone of the
/// account, or to the guest's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Buyer {
    /// A customer with an account. Today the shop sells only to accounts.
    Account(AccountId),
    /// A customer without an account, who is reached by e-mail address and phone.
    Guest {
        /// Where the receipt goes.
        email: EmailAddress,
        /// Where the code goes.
        phone: PhoneNumber,
    },
}

impl Buyer {
    /// The account; `None` for a guest.
    pub const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account(account) => Some(account),
            Self::Guest { .. } => None,
        }
    }

    /// Whether this is the buyer with that account.
    pub fn is_account(&self, account: &AccountId) -> bool {
        self.account() == Some(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x88_a_guest_is_nobodys_account() {
        let account = AccountId::from_bits(1);
        let guest = Buyer::Guest {
            email: EmailAddress::parse("guest@example.com").unwrap(),
            phone: PhoneNumber::from_e164("+447700900123").unwrap(),
        };
        assert!(Buyer::Account(account.clone()).is_account(&account));
        assert!(!Buyer::Account(AccountId::from_bits(2)).is_account(&account));
        assert!(!guest.is_account(&account));
    }
}
