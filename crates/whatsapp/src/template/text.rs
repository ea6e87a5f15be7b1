//! Fills in the placeholders of the sentences: for text messages, for the bodies of
//! templates, and for the simulated phones.

use domain::{Language, MessageKind, Purpose};

use super::words::{self, payment_of, sentence};
use crate::{OutgoingMessage, Payment};

/// The text of a message, where the shop writes it: in text messages and on simulated phones.
/// It states the amount of a payment. WhatsApp's templates for codes cannot: their text is the
/// platform's, and the code is their only variable.
pub fn text(message: &OutgoingMessage) -> String {
    match (message.kind, &message.payment) {
        (MessageKind::Code(Purpose::Payment), Some(payment)) => {
            written(message, payment_of(message.language), &amount(message, payment))
        }
        _ => written(message, sentence(message.kind, message.language), ""),
    }
}

/// The amount of a payment, as a message in its language states it.
pub fn amount(message: &OutgoingMessage, payment: &Payment) -> String {
    words::amount(payment.amount, message.language)
}

/// The text of a text message. A text with a code ends with a line that lets a browser at
/// `host`, and at no other host, fill in the code (WICG, origin-bound one-time codes).
/// `host` may have a port, which that line omits.
pub fn sms_text(message: &OutgoingMessage, host: &str) -> String {
    let mut text = text(message);
    if let Some(code) = &message.code {
        text.push_str("\n\n@");
        text.push_str(without_port(host));
        text.push_str(" #");
        text.push_str(&code.expose_text());
    }
    text
}

fn written(message: &OutgoingMessage, sentence: &str, amount: &str) -> String {
    let code = message.code.as_ref().map(domain::Code::expose_text).unwrap_or_default();
    let minutes = message.minutes.to_string();
    let values = [
        ("shop", message.shop_name.as_str()),
        ("code", &code),
        ("minutes", &minutes),
        ("amount", amount),
    ];
    fill(sentence, &values)
}

/// The body of the template of a notice, with the name of the shop as `{{1}}`; `None` for
/// codes, whose text is the platform's.
pub fn notice_body(kind: MessageKind, language: Language) -> Option<String> {
    match kind {
        MessageKind::Code(_) => None,
        notice => Some(fill(sentence(notice, language), &[("shop", "{{1}}")])),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Fills in all placeholders in one pass, so that a shop can be named `{code}`.
fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let longest: usize = values.iter().map(|(_, value)| value.len()).sum();
    let mut text = String::with_capacity(sentence.len() + longest);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(before);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::{Currency, Money};

    use super::*;
    use crate::template::tests::message;

    /// The languages whose sentences fit into GSM-7; the others are sent as UCS-2 and take
    /// more than one segment.
    const GSM: [Language; 6] = [
        Language::English,
        Language::Spanish,
        Language::Portuguese,
        Language::Indonesian,
        Language::German,
        Language::French,
    ];
    /// The basic table of GSM 03.38; a character of its extension counts as two.
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                         ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    /// A long host, and a long name of a shop.
    const HOST: &str = "marigold-shop.store.example.co";
    const SHOP: &str = "Marigold & Daughters";

    fn all() -> impl Iterator<Item = (MessageKind, Language)> {
        let languages = |kind| Language::ALL.map(|language| (kind, language));
        MessageKind::ALL.into_iter().flat_map(languages)
    }

    fn sms(kind: MessageKind, language: Language) -> String {
        let message = OutgoingMessage { language, shop_name: SHOP.into(), ..message(kind) };
        sms_text(&message, HOST)
    }

    #[test]
    fn the_login_sentence_is_as_specified() {
        assert_eq!(
            text(&message(MessageKind::Code(Purpose::Login))),
            "Your OTP for logging into Marigold is 000042. This code is valid for 10 minutes."
        );
    }

    #[test]
    fn s_o12_every_kind_has_its_own_text_in_every_language() {
        let texts: HashSet<_> = all().map(|(kind, language)| sms(kind, language)).collect();
        assert_eq!(texts.len(), MessageKind::ALL.len() * Language::ALL.len());
    }

    #[test]
    fn texts_state_the_shop_and_of_a_code_also_code_and_lifetime() {
        for (kind, language) in all() {
            let text = sms(kind, language);
            assert!(text.contains(SHOP) && !text.contains(['{', '}']), "{text}");
            let is_code = matches!(kind, MessageKind::Code(_));
            let first = text.lines().next().unwrap_or_default();
            assert_eq!(first.matches("000042").count(), usize::from(is_code), "{text}");
            assert_eq!(first.matches("10").count(), usize::from(is_code), "{text}");
        }
    }

    #[test]
    fn a_text_message_in_gsm_7_fits_into_one_segment() {
        assert_eq!((HOST.len(), SHOP.len()), (30, 20));
        for (kind, language) in all().filter(|(_, language)| GSM.contains(language)) {
            let text = sms(kind, language);
            let foreign: Vec<_> = text.chars().filter(|c| !BASIC.contains(*c)).collect();
            assert!(foreign.is_empty(), "{foreign:?} in {text}");
            assert!(text.chars().count() <= 160, "{} in {text}", text.chars().count());
        }
    }

    #[test]
    fn s_r07_a_text_message_states_the_amount_of_a_payment_in_one_segment() {
        for language in Language::ALL {
            let amount = Money::new(123_450, Currency::EUR);
            let payment = Some(Payment { amount, payee: SHOP.to_owned() });
            let kind = MessageKind::Code(Purpose::Payment);
            let message =
                OutgoingMessage { language, payment, shop_name: SHOP.into(), ..message(kind) };
            let text = sms_text(&message, HOST);
            let stated = words::amount(amount, language);
            for part in [&*stated, SHOP, "000042", "10"] {
                assert_eq!(text.lines().next().map(|line| line.matches(part).count()), Some(1));
            }
            if GSM.contains(&language) {
                assert!(text.chars().all(|c| BASIC.contains(c)), "{text}");
                assert!(text.chars().count() <= 160, "{} in {text}", text.chars().count());
            }
        }
    }

    #[test]
    fn an_amount_has_the_decimal_mark_of_its_language_and_names_its_currency() {
        let euro = |minor| Money::new(minor, Currency::EUR);
        for (language, expected) in [
            (Language::English, "21.40 EUR"),
            (Language::Spanish, "21,40 EUR"),
            (Language::Portuguese, "21,40 EUR"),
            (Language::Hindi, "21.40 EUR"),
            (Language::Indonesian, "21,40 EUR"),
            (Language::Arabic, "21.40 EUR"),
            (Language::German, "21,40 EUR"),
            (Language::French, "21,40 EUR"),
        ] {
            assert_eq!(words::amount(euro(21_40), language), expected);
        }
        let yen = Money::new(1_000, Currency::parse("JPY").unwrap());
        assert_eq!(words::amount(yen, Language::German), "1000 JPY");
    }

    #[test]
    fn the_last_line_of_a_code_binds_it_to_the_host_without_the_port() {
        let login = message(MessageKind::Code(Purpose::Login));
        for (host, bound) in [
            ("shop.example.com", "\n\n@shop.example.com #000042"),
            ("localhost:3000", "\n\n@localhost #000042"),
            ("[::1]", "\n\n@[::1] #000042"),
        ] {
            assert!(sms_text(&login, host).ends_with(bound), "{host}");
        }
        let notice = message(MessageKind::PhoneChanged);
        assert_eq!(sms_text(&notice, "shop.example.com"), text(&notice));
    }

    #[test]
    fn a_notice_neither_begins_nor_ends_with_its_parameter() {
        for (kind, language) in all() {
            let body = notice_body(kind, language);
            assert_eq!(body.is_none(), matches!(kind, MessageKind::Code(_)));
            let Some(body) = body else { continue };
            assert_eq!(body.matches("{{1}}").count(), 1, "{body}");
            assert!(!body.starts_with('{') && !body.ends_with('}'), "{body}");
        }
    }

    /// Messages have no room for the contact of the shop, and the texts of approved templates
    /// could not change with it. So none asks to write, and those after which the owner needs
    /// the shop name the website, which has the contact on every page.
    #[test]
    fn no_message_asks_to_write_without_saying_where() {
        let ask_to_write = [
            (Language::English, ["write to us", "tell the shop", "contact us"]),
            (Language::Spanish, ["avisa a la tienda", "avísanos", "escríbenos"]),
            (Language::Portuguese, ["fale com a loja", "fale conosco", "escreva"]),
            (Language::Hindi, ["हमें लिखें", "हमें तुरंत लिखें", "हमें बताएं"]),
            (Language::Indonesian, ["hubungi kami", "tulis kepada kami", "hubungi toko"]),
            (Language::Arabic, ["راسلنا", "اكتب إلينا", "اكتب لنا"]),
            (
                Language::German,
                ["schreiben sie uns", "kontaktieren sie uns", "melden sie sich bei uns"],
            ),
            (Language::French, ["écrivez-nous", "contactez-nous", "prévenez-nous"]),
        ];
        for (language, phrases) in ask_to_write {
            for kind in MessageKind::ALL {
                let text = sms(kind, language).to_lowercase();
                assert!(phrases.iter().all(|phrase| !text.contains(phrase)), "{text}");
            }
        }
        let website = [
            (Language::English, "our website"),
            (Language::Spanish, "nuestra web"),
            (Language::Portuguese, "nosso site"),
            (Language::Hindi, "हमारी वेबसाइट"),
            (Language::Indonesian, "situs kami"),
            (Language::Arabic, "موقعنا"),
            (Language::German, "unserer website"),
            (Language::French, "notre site"),
        ];
        use MessageKind::{AccountDeleted, CodesSoonOff, PhoneChanged, RecoveryCodeUsed};
        for (language, words) in website {
            for kind in [PhoneChanged, CodesSoonOff, RecoveryCodeUsed, AccountDeleted] {
                let text = sms(kind, language).to_lowercase();
                assert!(text.contains(words), "{text}");
            }
        }
    }

    #[test]
    fn a_placeholder_in_the_name_of_the_shop_is_not_filled_in() {
        let message =
            OutgoingMessage { shop_name: "{code}".into(), ..message(MessageKind::PhoneChanged) };
        assert!(text(&message).contains("your {code} account"));
    }
}
