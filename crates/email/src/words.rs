//! The words of the e-mails in eight languages. What happened is told in the sentence that also
//! goes to the phone; here are the subjects, the text that asks to confirm an address, and the
//! receipt of a notice of withdrawal.

use domain::Language;

/// Subject and body of an e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The subject.
    pub subject: String,
    /// The body, as plain text.
    pub body: String,
}

/// The words of one language. `{shop}` is the name of the shop, `{contact}` how to reach it, `{link}`
/// the address of the page that confirms, and `{order}`, `{name}` and `{date}` are what a notice of
/// withdrawal stated.
struct Words {
    notice_subject: &'static str,
    notice_contact: &'static str,
    confirm_subject: &'static str,
    confirm_body: &'static str,
    withdrawal_subject: &'static str,
    withdrawal_body: &'static str,
}

/// Tells what happened to an account, in this sentence, and how to reach the shop.
pub fn notice(language: Language, shop: &str, contact: &str, sentence: &str) -> Text {
    let words = words(language);
    let contact = words.notice_contact.replace("{contact}", contact);
    let body = format!("{sentence}\n\n{contact}\n");
    Text { subject: fill(words.notice_subject, shop, ""), body }
}

/// Asks the owner of an address to confirm it by this link.
pub fn confirmation(language: Language, shop: &str, link: &str) -> Text {
    let words = words(language);
    let body = fill(words.confirm_body, shop, link) + "\n";
    Text { subject: fill(words.confirm_subject, shop, ""), body }
}

/// Confirms that a notice of withdrawal was received: which order, who gave it, and when
/// (Directive 2011/83/EU, Art. 11a(4)).
pub fn withdrawal_receipt(language: Language, shop: &str, [order, name, date]: [&str; 3]) -> Text {
    let words = words(language);
    let body = words.withdrawal_body.replace("{order}", order).replace("{date}", date);
    // The name and the shop's name come last, so that they may contain any placeholder.
    let parts: Vec<_> = body.split("{name}").map(|part| part.replace("{shop}", shop)).collect();
    Text { subject: fill(words.withdrawal_subject, shop, ""), body: parts.join(name) + "\n" }
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
    notice_contact: "You reach us at {contact}.",
    confirm_subject: "Confirm your e-mail address for {shop}",
    confirm_body: "Please confirm that this is the e-mail address of your {shop} account. Open \
        this link where you are signed in; it works once, within one hour:\n\n{link}\n\nIf you \
        have no account with us, you need not do anything.",
    withdrawal_subject: "Your withdrawal was received by {shop}",
    withdrawal_body: "We confirm that {shop} has received your notice of withdrawal from the \
        contract of this order.\n\nOrder: {order}\nName: {name}\nReceived: {date}\n\nPlease \
        keep this e-mail. We will write to you about how the goods are sent back and when you \
        get your money back.",
};

const SPANISH: Words = Words {
    notice_subject: "Sobre la seguridad de tu cuenta de {shop}",
    notice_contact: "Nuestro contacto: {contact}",
    confirm_subject: "Confirma tu dirección de correo para {shop}",
    confirm_body: "Confirma que esta es la dirección de correo de tu cuenta de {shop}. Abre este \
        enlace donde hayas iniciado sesión; funciona una vez, durante una \
        hora:\n\n{link}\n\nSi no tienes cuenta con nosotros, no tienes que hacer nada.",
    withdrawal_subject: "{shop} ha recibido tu desistimiento",
    withdrawal_body: "Confirmamos que {shop} ha recibido tu declaración de desistimiento del \
        contrato de este pedido.\n\nPedido: {order}\nNombre: {name}\nRecibido: {date}\n\nGuarda \
        este correo. Te escribiremos sobre cómo devolver los productos y cuándo recibirás tu \
        dinero.",
};

const PORTUGUESE: Words = Words {
    notice_subject: "Sobre a segurança da sua conta em {shop}",
    notice_contact: "Nosso contato: {contact}",
    confirm_subject: "Confirme seu e-mail para {shop}",
    confirm_body: "Confirme que este é o e-mail da sua conta em {shop}. Abra este link onde você \
        está conectado; ele funciona uma vez, durante uma hora:\n\n{link}\n\nSe você não tem uma \
        conta conosco, não precisa fazer nada.",
    withdrawal_subject: "{shop} recebeu a sua desistência",
    withdrawal_body: "Confirmamos que {shop} recebeu a sua declaração de desistência do \
        contrato deste pedido.\n\nPedido: {order}\nNome: {name}\nRecebido em: {date}\n\nGuarde \
        este e-mail. Escreveremos sobre como devolver os produtos e quando você receberá o seu \
        dinheiro.",
};

const HINDI: Words = Words {
    notice_subject: "आपके {shop} खाते की सुरक्षा के बारे में",
    notice_contact: "हमारा संपर्क: {contact}",
    confirm_subject: "{shop} के लिए अपना ईमेल पता पक्का करें",
    confirm_body: "कृपया पक्का करें कि यह आपके {shop} खाते का ईमेल पता है। यह लिंक वहीं खोलें जहाँ आपने साइन \
        इन किया है; यह एक घंटे में एक बार काम करता है:\n\n{link}\n\nअगर हमारे यहाँ आपका खाता नहीं है, तो \
        आपको कुछ नहीं करना है।",
    withdrawal_subject: "{shop} को आपका अनुबंध वापस लेने का नोटिस मिल गया",
    withdrawal_body: "हम पुष्टि करते हैं कि {shop} को इस ऑर्डर का अनुबंध वापस लेने का आपका \
        नोटिस मिल गया है।\n\nऑर्डर: {order}\nनाम: {name}\nमिलने का समय: {date}\n\nकृपया यह ईमेल \
        सँभालकर रखें। सामान कैसे लौटाना है और पैसे कब मिलेंगे, यह हम आपको लिखेंगे।",
};

const INDONESIAN: Words = Words {
    notice_subject: "Tentang keamanan akun {shop} Anda",
    notice_contact: "Kontak kami: {contact}",
    confirm_subject: "Konfirmasi alamat email Anda untuk {shop}",
    confirm_body: "Konfirmasikan bahwa ini alamat email akun {shop} Anda. Buka tautan ini di \
        peramban tempat Anda masuk; tautan berlaku sekali, dalam satu \
        jam:\n\n{link}\n\nJika Anda tidak punya akun, Anda tidak perlu melakukan apa pun.",
    withdrawal_subject: "{shop} telah menerima pembatalan kontrak Anda",
    withdrawal_body: "Kami mengonfirmasi bahwa {shop} telah menerima pernyataan Anda untuk \
        membatalkan kontrak pesanan ini.\n\nPesanan: {order}\nNama: {name}\nDiterima: \
        {date}\n\nSimpan email ini. Kami akan menulis tentang cara mengembalikan barang dan \
        kapan uang Anda dikembalikan.",
};

const ARABIC: Words = Words {
    notice_subject: "بخصوص أمان حسابك في {shop}",
    notice_contact: "للتواصل معنا: {contact}",
    confirm_subject: "أكّد بريدك الإلكتروني في {shop}",
    confirm_body: "أكّد أن هذا هو البريد الإلكتروني لحسابك في {shop}. افتح هذا الرابط حيث سجّلت \
        الدخول؛ يعمل مرة واحدة خلال ساعة:\n\n{link}\n\nإذا لم يكن لديك حساب عندنا، فلا يلزمك فعل \
        شيء.",
    withdrawal_subject: "وصل إشعار انسحابك إلى {shop}",
    withdrawal_body: "نؤكد أن {shop} استلم إشعارك بالانسحاب من عقد هذا الطلب.\n\nالطلب: \
        {order}\nالاسم: {name}\nوقت الاستلام: {date}\n\nاحتفظ بهذه الرسالة. سنكتب إليك عن كيفية \
        إعادة البضاعة وموعد استرداد المبلغ.",
};

const GERMAN: Words = Words {
    notice_subject: "Zur Sicherheit Ihres Kontos bei {shop}",
    notice_contact: "Sie erreichen uns unter {contact}.",
    confirm_subject: "Bestätigen Sie Ihre E-Mail-Adresse bei {shop}",
    confirm_body: "Bitte bestätigen Sie, dass dies die E-Mail-Adresse Ihres Kontos bei {shop} \
        ist. Öffnen Sie diesen Link dort, wo Sie angemeldet sind; er gilt einmal und eine Stunde \
        lang:\n\n{link}\n\nWenn Sie kein Konto bei uns haben, müssen Sie nichts tun.",
    withdrawal_subject: "Ihr Widerruf ist bei {shop} eingegangen",
    withdrawal_body: "Wir bestätigen, dass Ihr Widerruf des Vertrags über diese Bestellung bei \
        {shop} eingegangen ist.\n\nBestellung: {order}\nName: {name}\nEingegangen: \
        {date}\n\nBitte bewahren Sie diese E-Mail auf. Wir schreiben Ihnen, wie Sie die Ware \
        zurückschicken und wann Sie Ihr Geld zurückerhalten.",
};

const FRENCH: Words = Words {
    notice_subject: "À propos de la sécurité de votre compte {shop}",
    notice_contact: "Notre contact : {contact}",
    confirm_subject: "Confirmez votre adresse e-mail pour {shop}",
    confirm_body: "Veuillez confirmer que cette adresse est celle de votre compte {shop}. Ouvrez \
        ce lien là où vous êtes connecté ; il fonctionne une fois, pendant une \
        heure :\n\n{link}\n\nSi vous n'avez pas de compte chez nous, vous n'avez rien à faire.",
    withdrawal_subject: "Votre rétractation est parvenue à {shop}",
    withdrawal_body: "Nous confirmons que {shop} a reçu votre déclaration de rétractation du \
        contrat de cette commande.\n\nCommande : {order}\nNom : {name}\nReçue le : \
        {date}\n\nConservez cet e-mail. Nous vous écrirons pour le renvoi des articles et le \
        remboursement.",
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
            let notice = notice(language, "Marigold", "help@shop.example", "It happened.");
            assert!(notice.body.starts_with("It happened.\n\n"), "{}", notice.body);
            assert_eq!(notice.body.matches("help@shop.example").count(), 1, "{}", notice.body);
            assert!(!notice.body.contains(['{', '}']), "{}", notice.body);
            for words in [text.subject, text.body, notice.subject] {
                assert_eq!(words.matches("Marigold").count(), 1, "{words}");
                assert!(!words.contains(['{', '}']), "{words}");
            }
        }
    }

    #[test]
    fn every_receipt_of_a_withdrawal_states_order_name_and_time_once() {
        for language in Language::ALL {
            let stated = ["M-2026-7K4QXZ", "Ada {shop} {date}", "2026-11-28 12:00:00 UTC"];
            let Text { subject, body } = withdrawal_receipt(language, "{name}'s", stated);
            for part in stated {
                assert_eq!(body.matches(part).count(), 1, "{body}");
            }
            assert_eq!(subject.matches("{name}'s").count(), 1, "{subject}");
            let left = body.replace(stated[1], "").replace("{name}'s", "");
            assert!(!left.contains(['{', '}']), "{left}");
        }
    }

    #[test]
    fn a_placeholder_in_the_name_of_the_shop_is_not_filled_in() {
        let text = confirmation(Language::English, "{link}", "https://shop.example");
        assert!(text.subject.ends_with("for {link}"), "{}", text.subject);
        assert_eq!(text.body.matches("https://shop.example").count(), 1);
    }
}
