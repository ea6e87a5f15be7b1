//! The payment gateways: an ordered list, each with its own settings.

use std::{collections::HashSet, fmt};

use payment::{
    DemoGateway, GatewayName,
    stripe::{NAME as STRIPE, Settings as StripeSettings},
};

use super::{parse_list, reader::SettingsReader, stripe};

/// The setting of the list.
const LIST: &str = "MARIGOLD_GATEWAYS";

/// A gateway in the list, with its settings.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// The demo gateway, which moves no money.
    Demo,
    /// Stripe.
    Stripe(Box<StripeSettings>),
}

impl Gateway {
    /// Its name in the list.
    pub const fn name(&self) -> GatewayName {
        match self {
            Self::Demo => DemoGateway::NAME,
            Self::Stripe(_) => STRIPE,
        }
    }
}

/// The gateways in the merchant's order.
#[derive(Clone, Debug)]
pub struct Gateways(pub Vec<Gateway>);

impl fmt::Display for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|gateway| gateway.name().as_str()).collect();
        f.write_str(&names.join(","))
    }
}

/// Reads the list. Production refuses the demo gateway.
pub fn read(reader: &mut SettingsReader, is_production: bool) -> Option<Gateways> {
    reader.begin_group("Payment");
    let names = reader.read_with_example(LIST, DemoGateway::NAME.as_str(), "stripe", |text| {
        let names = parse_list(text, parse_name)?;
        let mut seen = HashSet::new();
        match names.iter().find(|name| !seen.insert(**name)) {
            Some(twice) => Err(format!("has {twice} twice")),
            None if names.contains(&DemoGateway::NAME) && is_production => {
                Err("has `demo`, which production refuses: no money would move".to_owned())
            }
            None if names.is_empty() => Err("is empty: nobody could pay".to_owned()),
            None => Ok(names),
        }
    })?;
    let opened: Vec<_> = names.iter().map(|name| open(*name, reader, is_production)).collect();
    opened.into_iter().collect::<Option<_>>().map(Gateways)
}

fn open(name: GatewayName, reader: &mut SettingsReader, is_production: bool) -> Option<Gateway> {
    if name == STRIPE {
        return stripe::read(reader, is_production).map(Box::new).map(Gateway::Stripe);
    }
    Some(Gateway::Demo)
}

fn parse_name(text: &str) -> Result<GatewayName, String> {
    match text {
        "demo" => Ok(DemoGateway::NAME),
        "stripe" => Ok(STRIPE),
        _ => Err(format!("has `{text}`, which is no gateway; there are `demo` and `stripe`")),
    }
}
