//! The kinds of e-mails.

use crate::MessageKind;

/// The kind of an e-mail. No kind carries a code: an address is no factor of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailKind {
    /// Asks the owner of an account to confirm the address.
    ConfirmAddress,
    /// Confirms that a notice of withdrawal was received.
    WithdrawalReceipt,
    /// The notice that also goes to the phone. It is stored as the word of its message.
    Notice(MessageKind),
}

/// The stored words of the e-mails that are no notices to a phone.
const CONFIRM_ADDRESS: &str = "confirm_address";
const WITHDRAWAL_RECEIPT: &str = "withdrawal_receipt";

impl EmailKind {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmAddress => CONFIRM_ADDRESS,
            Self::WithdrawalReceipt => WITHDRAWAL_RECEIPT,
            Self::Notice(kind) => kind.as_str(),
        }
    }

    /// Reads a stored word; `None` for a message with a code, which is never sent by e-mail.
    pub fn parse(word: &str) -> Option<Self> {
        match MessageKind::parse(word) {
            Some(MessageKind::Code(_)) => None,
            Some(notice) => Some(Self::Notice(notice)),
            None if word == CONFIRM_ADDRESS => Some(Self::ConfirmAddress),
            None if word == WITHDRAWAL_RECEIPT => Some(Self::WithdrawalReceipt),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sa20_stored_email_kinds_are_read_back_and_none_has_a_code() {
        let notices = MessageKind::ALL.into_iter().map(EmailKind::Notice);
        let mut read = 0;
        for kind in notices.chain([EmailKind::ConfirmAddress, EmailKind::WithdrawalReceipt]) {
            let is_code = matches!(kind, EmailKind::Notice(MessageKind::Code(_)));
            assert_eq!(EmailKind::parse(kind.as_str()), (!is_code).then_some(kind));
            read += u32::from(!is_code);
        }
        assert!(read > 8, "{read}");
        assert_eq!(EmailKind::parse("no such word"), None);
    }
}
