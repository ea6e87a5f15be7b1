//! The parts of a shop for tests.

use std::{net::IpAddr, num::NonZeroUsize, sync::Arc};

use domain::{Currency, Language, PhoneNumber, Secret, Timestamp};
use legal::{LegalPages, Placeholders};
use payment::{Gateway, Gateways, Url};
use shop::{
    BrowserSecret, ClientAddress, HashingCost, Mode, PasswordKeys, Passwords, PaymentCodePolicy,
    Settings, Visitor,
    codes::{Key, KeyRing, Policy},
};
use whatsapp::Simulator;

/// 2026-01-01T00:00Z, when every test begins.
pub const BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// The password of every test account.
pub const PASSWORD: &str = "violet kettle harbour";

/// The settings of a demonstration.
pub fn settings() -> Settings {
    Settings {
        mode: Mode::Demo,
        shop_name: "Marigold".to_owned(),
        contact: "help@marigold.example".to_owned(),
        template_prefix: "marigold".to_owned(),
        currency: Currency::EUR,
        countries: vec![1, 44, 49, 55, 62, 91],
        bank_account: None,
        max_refused_parcels: 2,
        payment_code: PaymentCodePolicy::Always,
        policy: Policy::demo(),
        keys: KeyRing::new(vec![key("first", 1)]).unwrap(),
        invoice_seller: vec!["Marigold".to_owned(), "1 Test Street".to_owned()],
        legal: legal_pages().into(),
    }
}

/// This gateway alone.
pub fn gateways(gateway: Arc<dyn Gateway>) -> Gateways {
    all_gateways([gateway])
}

/// These gateways, in order.
pub fn all_gateways(list: impl IntoIterator<Item = Arc<dyn Gateway>>) -> Gateways {
    Gateways::new(Url::parse("https://shop.example/checkout/return/").unwrap(), list)
}

/// The samples of the legal pages.
pub fn legal_pages() -> LegalPages {
    let placeholders = Placeholders { shop_name: "Marigold", contact: "help@marigold.example" };
    LegalPages::samples(&placeholders).unwrap()
}

/// A key of one byte, repeated.
pub fn key(id: &str, byte: u8) -> Key {
    Key { id: id.to_owned(), bytes: Secret::new(vec![byte; 32]) }
}

/// A pool that hashes this many passwords at a time, cheaply, under these keys or under none.
pub fn cheap_passwords(hashers: usize, keys: Option<PasswordKeys>) -> Passwords {
    let hashers = NonZeroUsize::new(hashers).unwrap();
    Passwords::with_cost(HashingCost::CHEAP_FOR_TESTS, keys, hashers)
}

/// A fictional British number, 0 to 999.
pub fn phone(number: u32) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap()
}

/// A visitor who is not signed in, with the browser of this number.
pub fn visitor(browser: u128, address: IpAddr) -> Visitor {
    Visitor {
        browser: BrowserSecret::from_bits(browser),
        address: ClientAddress::of(address),
        user_agent: "Mozilla/5.0 (test)".to_owned(),
        language: Language::English,
        signed_in: None,
    }
}

/// Every code that came to a simulated phone.
pub fn codes_on(phones: &Simulator) -> Vec<String> {
    let messages = phones.chats().into_iter().flat_map(|phone| phones.messages(&phone));
    messages.filter_map(|message| message.code).collect()
}
