//! What only the demo does: two accounts whose passwords are told at every start.

use std::io::{self, Write};

use domain::Secret;
use marigold::config::kept::read_or_make;
use shop::{Entropy, Shop, seed::DemoPasswords};

/// Where the two passwords are kept, shopper first.
const FILE: &str = "data/demo_passwords";

/// The passwords, made at the first start.
pub fn passwords(entropy: &Entropy) -> io::Result<DemoPasswords> {
    let text =
        read_or_make(FILE.as_ref(), || Ok(format!("{}\n{}", made(entropy)?, made(entropy)?)))?;
    let mut lines = text.lines().map(|line| Secret::new(line.trim().to_owned()));
    match (lines.next(), lines.next()) {
        (Some(shopper), Some(merchant)) => Ok(DemoPasswords { shopper, merchant }),
        _ => Err(io::Error::other(format!("{FILE} does not hold two passwords"))),
    }
}

/// Sixteen random digits in groups that can be typed.
fn made(entropy: &Entropy) -> io::Result<String> {
    let bits = entropy.bits().map_err(io::Error::other)?;
    let digits = format!("{:016x}", bits >> 64);
    let groups: Vec<String> =
        digits.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into()).collect();
    Ok(groups.join("-"))
}

/// Makes the accounts, and says where everything is.
pub async fn welcome(shop: &Shop, origin: &str, has_simulator: bool) -> anyhow::Result<()> {
    let passwords = passwords(&Entropy::system())?;
    shop.seed().seed_accounts(&passwords).await?;
    let mut out = io::stdout().lock();
    writeln!(out, "\n  Marigold is open at {origin}\n")?;
    writeln!(out, "  shopper    shopper@example.com    {}", passwords.shopper.expose())?;
    writeln!(out, "  merchant   merchant@example.com   {}", passwords.merchant.expose())?;
    match has_simulator {
        true => writeln!(out, "\n  Codes arrive on the simulated phones: {origin}/simulator\n")?,
        false => {
            writeln!(out, "\n  Codes go out by real providers: {origin}/merchant/messaging\n")?
        }
    }
    Ok(out.flush()?)
}
