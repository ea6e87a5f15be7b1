//! The map of the site: every address that the server answers.
//!
//! Pages, forms, server functions, the router and tests take their addresses from here, so
//! a wrong address does not compile. Constants with braces are patterns of the router, and
//! a function beside them makes the address; what ends in `_PREFIX` is the beginning of many. The end of
//! [`crate::api`] and `src/tests/routes.rs` compare them with what the server answers.
#![expect(missing_docs, reason = "name and value say it; each group has a line of its own")]

use domain::PhoneNumber;

// The shop: pages that are the same for all visitors.
pub const HOME: &str = "/";
pub const PRODUCTS: &str = "/products";
pub const PRODUCT: &str = "/products/{slug}";
pub const PRODUCT_PREFIX: &str = "/products/";

// The pages that the merchant writes.
pub const TERMS: &str = "/terms";
pub const PRIVACY: &str = "/privacy";
pub const IMPRINT: &str = "/imprint";
pub const RETURNS: &str = "/returns";
pub const CONTACT: &str = "/contact";

// Buying: the cart, the steps of the checkout, the code that confirms it, the order.
pub const CART: &str = "/cart";
pub const CHECKOUT: &str = "/checkout";
pub const CHECKOUT_REVIEW: &str = "/checkout?step=review";
pub const CHECKOUT_CONFIRM: &str = "/checkout/confirm";
pub const CHECKOUT_RETURN: &str = "/checkout/return/{token}";
pub const CHECKOUT_RETURN_PREFIX: &str = "/checkout/return/";
pub const ORDER: &str = "/orders/{token}";
pub const ORDER_PREFIX: &str = "/orders/";

// Finding an order without an account.
pub const ORDER_LOOKUP: &str = "/orders/lookup";
pub const ORDER_LOOKUP_VERIFY: &str = "/orders/lookup/verify";

// Withdrawal from a contract.
pub const WITHDRAWAL: &str = "/withdrawal";
pub const WITHDRAWAL_CONFIRM: &str = "/withdrawal/confirm";
pub const WITHDRAWAL_RECEIPT: &str = "/withdrawal/receipt";

// Registration.
pub const REGISTER: &str = "/register";
pub const REGISTER_VERIFY: &str = "/register/verify";

// Signing in.
pub const LOGIN: &str = "/login";
pub const LOGIN_VERIFY: &str = "/login/verify";

// Signing in without the phone: a recovery code, and then a new phone.
pub const RECOVERY: &str = "/login/recovery";
pub const RECOVERY_PHONE: &str = "/login/recovery/phone";

// A new password for a forgotten one.
pub const RESET: &str = "/reset";
pub const RESET_VERIFY: &str = "/reset/verify";
pub const RESET_PASSWORD: &str = "/reset/password";

/// The pages with forms that visitors who are not signed in continue on a page of their own, such as
/// that of a code. They give the browser the secret by which it is recognised there.
pub const FIRST_FORMS: [&str; 5] = [REGISTER, LOGIN, RESET, ORDER_LOOKUP, WITHDRAWAL];

// The signed-in shopper's own pages.
pub const ACCOUNT: &str = "/account";
pub const ACCOUNT_ORDERS: &str = "/account/orders";
pub const ACCOUNT_SECURITY: &str = "/account/security";
pub const ACCOUNT_PHONE: &str = "/account/phone";
pub const ACCOUNT_RECOVERY_CODES: &str = "/account/recovery-codes";
pub const ACCOUNT_EMAIL: &str = "/account/email";
pub const ACCOUNT_DATA: &str = "/account/data";

// The merchant's pages.
pub const MERCHANT: &str = "/merchant";
pub const MERCHANT_ORDERS: &str = "/merchant/orders";
pub const MERCHANT_ORDER: &str = "/merchant/orders/{id}";
pub const MERCHANT_WITHDRAWALS: &str = "/merchant/withdrawals";
pub const MERCHANT_PRODUCTS: &str = "/merchant/products";
pub const MERCHANT_ACCOUNTS: &str = "/merchant/accounts";
pub const MERCHANT_MESSAGES: &str = "/merchant/messages";
pub const MERCHANT_MESSAGING: &str = "/merchant/messaging";

// The simulated phones, which are not found with real providers.
pub const SIMULATOR: &str = "/simulator";
pub const SIMULATED_PHONE: &str = "/simulator/{phone}";
pub const SIMULATED_PHONE_PREFIX: &str = "/simulator/";

/// Every page. A part in braces stands for any text. `src/tests/routes.rs` compares the list with
/// the router.
pub const PAGES: [&str; 44] = [
    HOME,
    PRODUCTS,
    PRODUCT,
    TERMS,
    PRIVACY,
    IMPRINT,
    RETURNS,
    CONTACT,
    CART,
    CHECKOUT,
    CHECKOUT_CONFIRM,
    CHECKOUT_RETURN,
    ORDER,
    ORDER_LOOKUP,
    ORDER_LOOKUP_VERIFY,
    WITHDRAWAL,
    WITHDRAWAL_CONFIRM,
    WITHDRAWAL_RECEIPT,
    REGISTER,
    REGISTER_VERIFY,
    LOGIN,
    LOGIN_VERIFY,
    RECOVERY,
    RECOVERY_PHONE,
    RESET,
    RESET_VERIFY,
    RESET_PASSWORD,
    ACCOUNT,
    ACCOUNT_ORDERS,
    ACCOUNT_SECURITY,
    ACCOUNT_PHONE,
    ACCOUNT_RECOVERY_CODES,
    ACCOUNT_EMAIL,
    ACCOUNT_DATA,
    MERCHANT,
    MERCHANT_ORDERS,
    MERCHANT_ORDER,
    MERCHANT_WITHDRAWALS,
    MERCHANT_PRODUCTS,
    MERCHANT_ACCOUNTS,
    MERCHANT_MESSAGES,
    MERCHANT_MESSAGING,
    SIMULATOR,
    SIMULATED_PHONE,
];

/// Whether a path, without its query, is that of a page.
pub fn is_page(path: &str) -> bool {
    PAGES.iter().any(|pattern| {
        let mut found = path.split('/');
        let is_same = pattern.split('/').all(|part| {
            found.next().is_some_and(|other| match part.starts_with('{') {
                true => !other.is_empty(),
                false => part == other,
            })
        });
        is_same && found.next().is_none()
    })
}

/// The page of a product.
pub fn product(slug: &str) -> String {
    format!("{PRODUCT_PREFIX}{slug}")
}

/// The page of a product in one of its colours.
pub fn product_in(slug: &str, colour: &str) -> String {
    format!("{PRODUCT_PREFIX}{slug}?colour={colour}")
}

/// The products of a category.
pub fn category(slug: &str) -> String {
    format!("{PRODUCTS}?category={slug}")
}

/// One step of the checkout.
pub fn checkout_step(step: &str) -> String {
    format!("{CHECKOUT}?step={step}")
}

/// The page that confirms an e-mail address, up to the token.
pub fn email_confirmation() -> String {
    format!("{ACCOUNT_EMAIL}?token=")
}

/// The page of an order, by its token.
pub fn order(token: impl std::fmt::Display) -> String {
    format!("{ORDER_PREFIX}{token}")
}

/// The withdrawal from the contract of an order, by its number.
pub fn withdrawal_from(number: &str) -> String {
    format!("{WITHDRAWAL}?order={}", in_query(number))
}

/// The merchant's page of an order, by its id.
pub fn merchant_order(id: impl std::fmt::Display) -> String {
    format!("{MERCHANT_ORDERS}/{id}")
}

/// The merchant's page of an account, by its e-mail address.
pub fn merchant_account(email: &str) -> String {
    let encoded = email.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).into(),
        other => format!("%{other:02X}"),
    });
    format!("{MERCHANT_ACCOUNTS}?email={}", encoded.collect::<String>())
}

/// The rest of a list, from what comes after an entry.
pub fn list_after(list: &str, after: impl std::fmt::Display) -> String {
    format!("{list}?after={after}")
}

/// The page of a simulated phone. A plus sign in an address would be read as a space.
pub fn simulated_phone(phone: &PhoneNumber) -> String {
    format!("{SIMULATED_PHONE_PREFIX}{}", phone.expose().replace('+', "%2B"))
}

/// The list of simulated phones, with the note that the typed text is no phone number.
pub fn simulator_after_wrong_number() -> String {
    format!("{SIMULATOR}?wrong=yes")
}

/// The sign-in page that leads on to another page of the shop.
pub fn login_then(next: &str) -> String {
    format!("{LOGIN}?next={}", in_query(next))
}

/// The registration page that leads on to another page of the shop.
pub fn register_then(next: &str) -> String {
    format!("{REGISTER}?next={}", in_query(next))
}

/// An address of the shop as a value in the query of another. Of the characters that such an
/// address has, these three would mean something else there.
fn in_query(address: &str) -> String {
    address.replace('%', "%25").replace('&', "%26").replace('+', "%2B")
}

/// A page of a form that was refused because the browser did not send its secret. If it still
/// does not, the page says so; nothing else could tell it, because notices are cookies too.
pub fn without_cookie(page: &str) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    match page.contains(WITHOUT_COOKIE) {
        true => page.to_owned(),
        false => format!("{page}{separator}{WITHOUT_COOKIE}"),
    }
}

/// What [`without_cookie`] adds to the query of a page.
pub const WITHOUT_COOKIE: &str = "cookie=none";

/// Server functions, which forms and islands post to.
pub mod api {
    pub const PREFIX: &str = "/api/";

    // The cart.
    pub const CART_ADD: &str = "/api/cart/add";
    pub const CART_QUANTITY: &str = "/api/cart/quantity";
    pub const CART_REMOVE: &str = "/api/cart/remove";

    // The checkout.
    pub const CHECKOUT_ADDRESS: &str = "/api/checkout/address";
    pub const CHECKOUT_COUNTRY: &str = "/api/checkout/country";
    pub const CHECKOUT_SHIPPING: &str = "/api/checkout/shipping";
    pub const CHECKOUT_PAYMENT: &str = "/api/checkout/payment";
    pub const CHECKOUT_PLACE: &str = "/api/checkout/place";
    pub const CHECKOUT_CODE: &str = "/api/checkout/code";
    pub const CHECKOUT_CONFIRM: &str = "/api/checkout/confirm";

    // Finding an order without an account.
    pub const ORDER_LOOKUP: &str = "/api/orders/lookup";
    pub const ORDER_LOOKUP_VERIFY: &str = "/api/orders/lookup/verify";

    // Withdrawal from a contract.
    pub const WITHDRAWAL: &str = "/api/withdrawal";
    pub const WITHDRAWAL_CONFIRM: &str = "/api/withdrawal/confirm";

    // Registration.
    pub const REGISTER: &str = "/api/register";
    pub const REGISTER_VERIFY: &str = "/api/register/verify";

    // Signing in and out.
    pub const LOGIN: &str = "/api/login";
    pub const LOGIN_VERIFY: &str = "/api/login/verify";
    pub const LOGOUT: &str = "/api/logout";

    // Signing in without the phone.
    pub const LOGIN_RECOVERY: &str = "/api/login/recovery";
    pub const LOGIN_RECOVERY_VERIFY: &str = "/api/login/recovery/verify";
    pub const LOGIN_RECOVERY_ASSISTED: &str = "/api/login/recovery/assisted";
    pub const LOGIN_RECOVERY_PHONE: &str = "/api/login/recovery/phone";
    pub const LOGIN_RECOVERY_PHONE_VERIFY: &str = "/api/login/recovery/phone/verify";
    pub const LOGIN_RECOVERY_START_AGAIN: &str = "/api/login/recovery/start-again";

    // Password reset.
    pub const RESET: &str = "/api/reset";
    pub const RESET_VERIFY: &str = "/api/reset/verify";
    pub const RESET_PASSWORD: &str = "/api/reset/password";

    // Every page that waits for a code.
    pub const CODES_RESEND: &str = "/api/codes/resend";
    pub const CODES_SMS: &str = "/api/codes/sms";

    // The account: password, sessions, trusted devices.
    pub const ACCOUNT_PASSWORD: &str = "/api/account/password";
    pub const ACCOUNT_SESSIONS_END: &str = "/api/account/sessions/end";
    pub const ACCOUNT_SESSIONS_END_OTHERS: &str = "/api/account/sessions/end-others";
    pub const ACCOUNT_DEVICES_FORGET: &str = "/api/account/devices/forget";

    // The account's phone: password, code to the old phone, new number, code to the new one.
    pub const ACCOUNT_PHONE_PASSWORD: &str = "/api/account/phone/password";
    pub const ACCOUNT_PHONE_STEP_UP: &str = "/api/account/phone/step-up";
    pub const ACCOUNT_PHONE_NUMBER: &str = "/api/account/phone/number";
    pub const ACCOUNT_PHONE_VERIFY: &str = "/api/account/phone/verify";
    pub const ACCOUNT_PHONE_START_AGAIN: &str = "/api/account/phone/start-again";

    // The account's recovery codes: password, code, making them, having saved them.
    pub const ACCOUNT_RECOVERY_PASSWORD: &str = "/api/account/recovery-codes/password";
    pub const ACCOUNT_RECOVERY_STEP_UP: &str = "/api/account/recovery-codes/step-up";
    pub const ACCOUNT_RECOVERY_START_AGAIN: &str = "/api/account/recovery-codes/start-again";
    pub const ACCOUNT_RECOVERY_MAKE: &str = "/api/account/recovery-codes/make";
    pub const ACCOUNT_RECOVERY_SAVED: &str = "/api/account/recovery-codes/saved";

    // The account's e-mail address.
    pub const ACCOUNT_EMAIL_SEND: &str = "/api/account/email/send";
    pub const ACCOUNT_EMAIL_CONFIRM: &str = "/api/account/email/confirm";

    // The account's data.
    pub const ACCOUNT_DATA_EXPORT: &str = "/api/account/data/export";
    pub const ACCOUNT_DELETE: &str = "/api/account/delete";

    // The merchant.
    pub const MERCHANT_ORDERS_SHIP: &str = "/api/merchant/orders/ship";
    pub const MERCHANT_ORDERS_CANCEL: &str = "/api/merchant/orders/cancel";
    pub const MERCHANT_ORDERS_REFUND: &str = "/api/merchant/orders/refund";
    pub const MERCHANT_WITHDRAWALS_STATE: &str = "/api/merchant/withdrawals/state";
    pub const MERCHANT_ORDERS_REFUND_PART: &str = "/api/merchant/orders/refund-part";
    pub const MERCHANT_ORDERS_RECEIVED: &str = "/api/merchant/orders/received";
    pub const MERCHANT_ORDERS_PARCEL_REFUSED: &str = "/api/merchant/orders/parcel-refused";
    pub const MERCHANT_PRODUCTS_PRICE: &str = "/api/merchant/products/price";
    pub const MERCHANT_PRODUCTS_STOCK: &str = "/api/merchant/products/stock";
    pub const MERCHANT_PRODUCTS_PIECES: &str = "/api/merchant/products/pieces";
    pub const MERCHANT_PRODUCTS_LISTED: &str = "/api/merchant/products/listed";
    pub const MERCHANT_ACCOUNTS_RECOVER: &str = "/api/merchant/accounts/recover";
    pub const MERCHANT_PHONE_CHANGE_START: &str = "/api/merchant/accounts/phone-change/start";
    pub const MERCHANT_PHONE_CHANGE_CANCEL: &str = "/api/merchant/accounts/phone-change/cancel";
    pub const MERCHANT_MESSAGING_SUBMIT: &str = "/api/merchant/messaging/submit";
    pub const MERCHANT_MESSAGING_SYNC: &str = "/api/merchant/messaging/sync";
}

/// Personal files.
pub mod downloads {
    pub const RECOVERY_CODES: &str = "/account/recovery-codes.txt";
    pub const PERSONAL_DATA: &str = "/account/data.json";
    pub const INVOICE: &str = "/orders/{token}/invoice.pdf";

    /// The invoice of an order, by its token.
    pub fn invoice(token: impl std::fmt::Display) -> String {
        format!("{}/invoice.pdf", super::order(token))
    }
}

/// Server-sent events: how far the message with a code has come.
pub mod events {
    pub const DELIVERY: &str = "/events/{purpose}";

    /// The events of the code that this browser waits for, by its purpose.
    pub fn delivery(purpose: &str) -> String {
        format!("/events/{purpose}")
    }
}

/// Calls of the messaging providers.
pub mod webhooks {
    pub const PROVIDER: &str = "/webhooks/{provider}";
    /// The same with a slash at the end, as people type it into the providers' consoles.
    pub const PROVIDER_SLASH: &str = "/webhooks/{provider}/";
}

/// The simulated phones: what their pages use, and below `/api/` the interface for tests.
pub mod simulator {
    use domain::PhoneNumber;

    pub const FIND: &str = "/simulator/find";
    pub const CODE: &str = "/simulator/code/{purpose}";
    pub const FAULTS: &str = "/simulator/faults";
    pub const EVENTS: &str = "/simulator/{phone}/events";

    pub const API_PREFIX: &str = "/simulator/api/";
    pub const API_MESSAGES: &str = "/simulator/api/messages";
    pub const API_FAULTS: &str = "/simulator/api/faults";
    pub const API_CLOCK: &str = "/simulator/api/clock";

    /// Redirects to the phone that the code of this browser was sent to.
    pub fn code(purpose: &str) -> String {
        format!("/simulator/code/{purpose}")
    }

    /// The events of a simulated phone.
    pub fn events(phone: &PhoneNumber) -> String {
        format!("{}/events", super::simulated_phone(phone))
    }
}

/// Files: the style sheet, drawings of products, what the build made, what `public` holds.
pub mod files {
    pub const STYLE: &str = "/style/{hash}";
    pub const STYLE_PREFIX: &str = "/style/";
    pub const ART: &str = "/art/{name}";
    pub const PKG: &str = "/pkg";
    pub const PKG_PREFIX: &str = "/pkg/";
    pub const FONTS: &str = "/fonts";
    pub const FONTS_PREFIX: &str = "/fonts/";
    pub const IMAGES: &str = "/images";
    pub const IMAGES_PREFIX: &str = "/images/";
    pub const ICONS: &str = "/icons";
    pub const ICONS_PREFIX: &str = "/icons/";
    pub const FAVICON_SVG: &str = "/favicon.svg";
    pub const FAVICON_ICO: &str = "/favicon.ico";
    pub const ROBOTS_TXT: &str = "/robots.txt";

    /// The style sheet with this hash.
    pub fn style(hash: &str) -> String {
        format!("/style/{hash}.css")
    }

    /// The drawing with this name.
    pub fn art(name: impl std::fmt::Display) -> String {
        format!("/art/{name}.svg")
    }
}

/// Operations, on an address of their own (`MARIGOLD_OPS_ADDR`).
pub mod operations {
    pub const HEALTHZ: &str = "/healthz";
    pub const READYZ: &str = "/readyz";
    pub const METRICS: &str = "/metrics";
}
