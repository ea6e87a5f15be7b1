//! The words of the e-mails in eight languages. What happened is told in the sentence that also
//! goes to the phone; here are the subjects, and the text that asks to confirm an address.

use domain::Language;

/// Subject and body of an e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The subject.
    pub subject: String,
    /// The body, as plain text.
    pub body: String,
}

/// The words of one language. `{shop}` is the name of the shop, and `{link}` the address of the
/// page that confirms.
struct Words {
    notice_subject: &'static str,
    confirm_subject: &'static str,
    confirm_body: &'static str,
}

/// Tells what happened to an account, in this sentence.
pub fn notice(language: Language, shop: &str, sentence: String) -> Text {
    let subject = fill(words(language).notice_subject, shop, "");
    Text { subject, body: sentence + "\n" }
}

/// Asks the owner of an address to confirm it by this link.
pub fn confirmation(language: Language, shop: &str, link: &str) -> Text {
    let words = words(language);
    let body = fill(words.confirm_body, shop, link) + "\n";
    Text { subject: fill(words.confirm_subject, shop, ""), body }
}

/// Fills in both placeholders. The name of the shop comes last, so that it may contain
/// `{link}`.
fn fill(sentence: &str, shop: &str, link: &str) -> String {
    sentence.replace("{link}", link).replace("{shop}", shop)
}

const fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
        Language::Portuguese => &PORTUGUESE,
        Language::Hindi => &HINDI,
        Language::Indonesian => &INDONESIAN,
        Language::Arabic => &ARABIC,
        Language::German => &GERMAN,
        Language::French => &FRENCH,
    }
}

const ENGLISH: Words = Words {
    notice_subject: "About the security of your {shop} account",
    confirm_subject: "Confirm your e-mail address for {shop}",
    confirm_body: "Please confirm that this is the e-mail address of your {shop} account. Open \
        this link where you are signed in; it works once, within one hour:\n\n{link}\n\nIf you \
        have no account with us, you need not do anything.",
};

const SPANISH: Words = Words {
    notice_subject: "Sobre la seguridad de tu cuenta de {shop}",
    confirm_subject: "Confirma tu dirección de correo para {shop}",
    confirm_body: "Confirma que esta es la dirección de correo de tu cuenta de {shop}. Abre este \
        enlace donde hayas iniciado sesión; funciona una vez, durante una \
        hora:\n\n{link}\n\nSi no tienes cuenta con nosotros, no tienes que hacer nada.",
};

const PORTUGUESE: Words = Words {
    notice_subject: "Sobre a segurança da sua conta em {shop}",
    confirm_subject: "Confirme seu e-mail para {shop}",
    confirm_body: "Confirme que este é o e-mail da sua conta em {shop}. Abra este link onde você \
        está conectado; ele funciona uma vez, durante uma hora:\n\n{link}\n\nSe você não tem uma \
        conta conosco, não precisa fazer nada.",
};

const HINDI: Words = Words {
    notice_subject: "आपके {shop} खाते की सुरक्षा के बारे में",
    confirm_subject: "{shop} के लिए अपना ईमेल पता पक्का करें",
    confirm_body: "कृपया पक्का करें कि यह आपके {shop} खाते का ईमेल पता है। यह लिंक वहीं खोलें जहाँ आपने साइन \
        इन किया है; यह एक घंटे में एक बार काम करता है:\n\n{link}\n\nअगर हमारे यहाँ आपका खाता नहीं है, तो \
        आपको कुछ नहीं करना है।",
};

const INDONESIAN: Words = Words {
    notice_subject: "Tentang keamanan akun {shop} Anda",
    confirm_subject: "Konfirmasi alamat email Anda untuk {shop}",
    confirm_body: "Konfirmasikan bahwa ini alamat email akun {shop} Anda. Buka tautan ini di \
        peramban tempat Anda masuk; tautan berlaku sekali, dalam satu \
        jam:\n\n{link}\n\nJika Anda tidak punya akun, Anda tidak perlu melakukan apa pun.",
};

const ARABIC: Words = Words {
    notice_subject: "بخصوص أمان حسابك في {shop}",
    confirm_subject: "أكّد بريدك الإلكتروني في {shop}",
    confirm_body: "أكّد أن هذا هو البريد الإلكتروني لحسابك في {shop}. افتح هذا الرابط حيث سجّلت \
        الدخول؛ يعمل مرة واحدة خلال ساعة:\n\n{link}\n\nإذا لم يكن لديك حساب عندنا، فلا يلزمك فعل \
        شيء.",
};

const GERMAN: Words = Words {
    notice_subject: "Zur Sicherheit Ihres Kontos bei {shop}",
    confirm_subject: "Bestätigen Sie Ihre E-Mail-Adresse bei {shop}",
    confirm_body: "Bitte bestätigen Sie, dass dies die E-Mail-Adresse Ihres Kontos bei {shop} \
        ist. Öffnen Sie diesen Link dort, wo Sie angemeldet sind; er gilt einmal und eine Stunde \
        lang:\n\n{link}\n\nWenn Sie kein Konto bei uns haben, müssen Sie nichts tun.",
};

const FRENCH: Words = Words {
    notice_subject: "À propos de la sécurité de votre compte {shop}",
    confirm_subject: "Confirmez votre adresse e-mail pour {shop}",
    confirm_body: "Veuillez confirmer que cette adresse est celle de votre compte {shop}. Ouvrez \
        ce lien là où vous êtes connecté ; il fonctionne une fois, pendant une \
        heure :\n\n{link}\n\nSi vous n'avez pas de compte chez nous, vous n'avez rien à faire.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_states_shop_and_link_and_fills_in_all() {
        let link = "https://shop.example/account/email?token=1";
        for language in Language::ALL {
            let text = confirmation(language, "Marigold", link);
            assert_eq!(text.body.matches(link).count(), 1, "{text:?}");
            let notice = notice(language, "Marigold", "It happened.".to_owned());
            assert_eq!(notice.body, "It happened.\n");
            for words in [text.subject, text.body, notice.subject] {
                assert_eq!(words.matches("Marigold").count(), 1, "{words}");
                assert!(!words.contains(['{', '}']), "{words}");
            }
        }
    }

    #[test]
    fn a_placeholder_in_the_name_of_the_shop_is_not_filled_in() {
        let text = confirmation(Language::English, "{link}", "https://shop.example");
        assert!(text.subject.ends_with("for {link}"), "{}", text.subject);
        assert_eq!(text.body.matches("https://shop.example").count(), 1);
    }
}
