//! The demo: two accounts whose passwords are printed at every start.

use std::{
    fmt,
    io::{self, Write},
    net::SocketAddr,
};

use domain::{PhoneNumber, Secret};
use marigold::config::secret_file::{Content, load_or_create};
use shop::{Entropy, Shop, seed::DemoPasswords};
use web::routes;

/// The file of the two passwords, the shopper's first.
const FILE: &str = "data/demo_passwords";

/// The two accounts as `shop::seed` makes them: role, e-mail address, phone.
const ACCOUNTS: [(&str, &str, &str); 2] = [
    ("shopper", "shopper@example.com", "+447700900111"),
    ("merchant", "merchant@example.com", "+447700900222"),
];

/// What the banner says, apart from the passwords.
pub struct Banner {
    /// The address that people see, such as `http://127.0.0.1:3000`.
    pub origin: String,
    /// The address of health and metrics.
    pub operations: SocketAddr,
    /// Codes go to simulated phones.
    pub has_simulator: bool,
}

/// Creates the two accounts, or resets their passwords to those that it returns.
pub async fn seed_accounts(shop: &Shop) -> anyhow::Result<DemoPasswords> {
    let passwords = passwords(&Entropy::system())?;
    shop.seed().seed_accounts(&passwords).await?;
    Ok(passwords)
}

/// Prints where everything is, and how to sign in.
pub fn print_demo_banner(banner: &Banner, passwords: &DemoPasswords) -> io::Result<()> {
    let text = banner.text(passwords).map_err(io::Error::other)?;
    // One write: a program that waits for the banner then never reads half of it.
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

impl Banner {
    fn text(&self, passwords: &DemoPasswords) -> Result<String, fmt::Error> {
        use fmt::Write;
        let Self { origin, operations, has_simulator } = self;
        let mut text = format!("\n  Marigold is open at {origin}\n\n");
        let passwords = [&passwords.shopper, &passwords.merchant];
        for ((role, email, phone), password) in ACCOUNTS.into_iter().zip(passwords) {
            writeln!(text, "  {role:<9}  {email:<20}  {}", password.expose())?;
            if let Some(phone) = PhoneNumber::from_e164(phone).filter(|_| *has_simulator) {
                writeln!(text, "             phone  {origin}{}", routes::simulated_phone(&phone))?;
            }
        }
        if *has_simulator {
            writeln!(
                text,
                "\n  codes arrive on the simulated phones: {origin}{}",
                routes::SIMULATOR
            )?;
        } else {
            writeln!(
                text,
                "\n  codes go out by real providers: {origin}{}",
                routes::MERCHANT_MESSAGING
            )?;
        }
        writeln!(text, "  health and metrics at http://{operations}\n")?;
        Ok(text)
    }
}

/// What the file holds: two lines.
const CONTENT: Content = Content {
    is_whole: |text| text.lines().filter(|line| !line.trim().is_empty()).count() == 2,
    after_deletion: "the demo accounts have other passwords then.",
};

/// Reads the passwords, or generates them at the first start.
fn passwords(entropy: &Entropy) -> anyhow::Result<DemoPasswords> {
    let text = load_or_create(FILE.as_ref(), &CONTENT, || {
        Ok(format!("{}\n{}", generate_password(entropy)?, generate_password(entropy)?))
    })?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut next = || Secret::new(lines.next().unwrap_or_default().to_owned());
    Ok(DemoPasswords { shopper: next(), merchant: next() })
}

/// Sixteen random digits in groups that can be typed.
fn generate_password(entropy: &Entropy) -> io::Result<String> {
    let bits = entropy.bits().map_err(io::Error::other)?;
    let digits = format!("{:016x}", bits >> 64);
    let groups: Vec<String> =
        digits.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into()).collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(has_simulator: bool) -> String {
        let operations = "127.0.0.1:9090".parse().unwrap();
        let banner = Banner { origin: "http://127.0.0.1:3000".into(), operations, has_simulator };
        let secret = |word: &str| Secret::new(word.to_owned());
        let passwords = DemoPasswords { shopper: secret("one"), merchant: secret("two") };
        banner.text(&passwords).unwrap()
    }

    #[test]
    fn the_banner_says_how_to_sign_in_and_where_the_phones_are() {
        assert_eq!(
            text(true),
            "\n  Marigold is open at http://127.0.0.1:3000\n\
             \n  shopper    shopper@example.com   one\
             \n             phone  http://127.0.0.1:3000/simulator/%2B447700900111\
             \n  merchant   merchant@example.com  two\
             \n             phone  http://127.0.0.1:3000/simulator/%2B447700900222\n\
             \n  codes arrive on the simulated phones: http://127.0.0.1:3000/simulator\
             \n  health and metrics at http://127.0.0.1:9090\n\n"
        );
    }

    #[test]
    fn without_the_simulator_the_banner_names_no_phone() {
        let text = text(false);
        assert!(!text.contains("simulat") && !text.contains("447700900"), "{text}");
        assert!(text.contains("health and metrics at http://127.0.0.1:9090"), "{text}");
    }
}
