//! Enums that are stored as a word: one word per variant, by the derives of strum.

/// Implements `ALL`, `as_str` and `parse` for enums that derive `EnumString`, `IntoStaticStr` and
/// `VariantArray`.
macro_rules! stored_as_word {
    ($($name:ident),+ $(,)?) => {$(
        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: [Self; <Self as strum::VariantArray>::VARIANTS.len()] =
                match <Self as strum::VariantArray>::VARIANTS.first_chunk() {
                    Some(all) => *all,
                    None => unreachable!(),
                };

            /// The word that is stored.
            pub fn as_str(self) -> &'static str {
                self.into()
            }

            /// Reads a stored word.
            pub fn parse(word: &str) -> Option<Self> {
                word.parse().ok()
            }
        }
    )+};
}
pub(crate) use stored_as_word;

#[cfg(test)]
mod tests {
    use std::{fmt::Debug, str::FromStr};

    use strum::VariantArray;

    use crate::{
        Actor, ArtKind, Channel, Colour, DeclineReason, DeliveryProblem, DeliveryStatus,
        HistoryKind, Language, MessageKind, OrderStatus, Pattern, PaymentStatus, Purpose, Role,
    };

    /// The words are in the database, so renaming a variant must not change them.
    fn assert_words<T>(words: &str)
    where
        T: VariantArray + FromStr + Copy + Into<&'static str> + Debug + PartialEq,
    {
        let stored: Vec<&str> = T::VARIANTS.iter().map(|variant| (*variant).into()).collect();
        assert_eq!(stored.join(" "), words);
        for variant in T::VARIANTS {
            let word: &str = (*variant).into();
            assert_eq!(word.parse().ok(), Some(*variant), "{word}");
        }
        assert!(T::from_str("no such word").is_err());
    }

    #[test]
    fn stored_words_are_pinned_and_read_back() {
        assert_words::<Purpose>("login reset payment phone step_up order_lookup");
        assert_words::<Role>("shopper merchant");
        assert_words::<Channel>("whatsapp sms");
        assert_words::<Language>("en es pt_BR hi id ar de fr");
        assert_words::<DeliveryProblem>("unreachable trouble unknown late");
        assert_words::<DeliveryStatus>("queued accepted sent failed delivered read");
        assert_words::<OrderStatus>(
            "awaiting_code awaiting_authorisation authorised confirmed paying paid shipped \
             cancelled refunded",
        );
        assert_words::<PaymentStatus>(
            "in_flight action_needed authorised capturing captured declined refunding \
             part_refunded refunded cancelling cancelled expired expected",
        );
        assert_words::<Actor>("shopper merchant gateway shop");
        assert_words::<HistoryKind>(
            "placed code_required code_waived code_accepted authorised declined payment_expired \
             released paid shipped parcel_refused cancelled refunded refund_refused disputed",
        );
        assert_words::<DeclineReason>(
            "refused insufficient_funds expired_card incorrect_details not_authenticated \
             not_supported try_again unavailable canceled expired parcel_refused",
        );
        assert_words::<Pattern>("plain stripes dots dipped check speckled waves leaf");
        assert_words::<Colour>("marigold ink sage clay sky rose oat plum moss slate");
        assert_words::<ArtKind>(
            "mug bowl teapot bottle towel shirt jumper scarf socks hat lamp pendant candle \
             lantern bag backpack pouch umbrella plant pot watering_can vase notebook pencils chair \
             cushion clock tray",
        );
    }

    #[test]
    fn stored_message_kinds_are_pinned_and_read_back() {
        let words = MessageKind::ALL.map(MessageKind::as_str);
        assert_eq!(
            words.join(" "),
            "login reset payment phone step_up order_lookup account_exists phone_changed \
             password_changed sign_in_refused code_reused codes_soon_off recovery_code_used \
             phone_change_requested sign_in_displaced account_deleted"
        );
        assert_eq!(words.map(MessageKind::parse), MessageKind::ALL.map(Some));
    }
}
