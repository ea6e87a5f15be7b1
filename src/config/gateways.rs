//! The payment gateways: an ordered list, each with its own settings.

use std::{collections::HashSet, fmt};

use domain::Currency;
use payment::{
    BankTransfer, CashOnDelivery, DemoGateway, GatewayName,
    stripe::{NAME as STRIPE, Settings as StripeSettings},
};
use shop::{BankAccount, PaymentCodePolicy};

use super::{paid_outside, parse_list, reader::SettingsReader, stripe};

/// The setting of the list.
const LIST: &str = "MARIGOLD_GATEWAYS";
/// Every gateway of this version.
const NAMES: [GatewayName; 4] =
    [DemoGateway::NAME, STRIPE, CashOnDelivery::NAME, BankTransfer::NAME];

/// A gateway in the list, with its settings.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// The demo gateway, which moves no money.
    Demo,
    /// Stripe.
    Stripe(Box<StripeSettings>),
    /// Payment on delivery.
    CashOnDelivery(CashOnDelivery),
    /// Bank transfer.
    BankTransfer(BankTransfer),
}

impl Gateway {
    /// Its name in the list.
    pub const fn name(&self) -> GatewayName {
        match self {
            Self::Demo => DemoGateway::NAME,
            Self::Stripe(_) => STRIPE,
            Self::CashOnDelivery(_) => CashOnDelivery::NAME,
            Self::BankTransfer(_) => BankTransfer::NAME,
        }
    }
}

/// The gateways in the merchant's order, and what they need of the shop.
#[derive(Clone, Debug)]
pub struct Gateways {
    /// The gateways.
    pub list: Vec<Gateway>,
    /// The account for bank transfers.
    pub bank_account: Option<BankAccount>,
    /// How many refused parcels of a phone number end payment on delivery for it.
    pub max_refused_parcels: u32,
    /// When a payment needs a code.
    pub payment_code: PaymentCodePolicy,
}

impl fmt::Display for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.list.iter().map(|gateway| gateway.name().as_str()).collect();
        f.write_str(&names.join(","))
    }
}

/// Reads the list and the settings of its gateways. Production refuses the demo gateway.
pub fn read(
    reader: &mut SettingsReader,
    is_production: bool,
    currency: Currency,
) -> Option<Gateways> {
    reader.begin_group("Payment");
    let names = reader.read_with_example(LIST, DemoGateway::NAME.as_str(), "stripe", |text| {
        parse_names(text, is_production)
    });
    let payment_code = read_payment_code(reader);
    let max_refused_parcels = paid_outside::max_refused_parcels(reader);
    let on_delivery = paid_outside::cash_on_delivery(reader, currency);
    let (transfer, bank_account) = paid_outside::bank_transfer(reader);
    let names = names?;
    let has_transfer = names.contains(&BankTransfer::NAME);
    if has_transfer && bank_account.is_none() {
        let problem = "has `bank-transfer`, which needs MARIGOLD_BANK_ACCOUNT_HOLDER and \
                       MARIGOLD_BANK_ACCOUNT";
        reader.refuse(LIST, problem, CashOnDelivery::NAME.as_str());
    }
    let mut open = |name: &GatewayName| match *name {
        STRIPE => stripe::read(reader, is_production).map(Box::new).map(Gateway::Stripe),
        CashOnDelivery::NAME => on_delivery.clone().map(Gateway::CashOnDelivery),
        BankTransfer::NAME => transfer.clone().map(Gateway::BankTransfer),
        _ => Some(Gateway::Demo),
    };
    let list: Vec<_> = names.iter().map(&mut open).collect();
    Some(Gateways {
        list: list.into_iter().collect::<Option<_>>()?,
        bank_account: bank_account.filter(|_| has_transfer),
        max_refused_parcels: max_refused_parcels?,
        payment_code: payment_code?,
    })
}

fn parse_names(text: &str, is_production: bool) -> Result<Vec<GatewayName>, String> {
    let names = parse_list(text, parse_name)?;
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(**name)) {
        Some(twice) => Err(format!("has {twice} twice")),
        None if names.is_empty() => Err("is empty: nobody could pay".to_owned()),
        None if is_production && names.contains(&DemoGateway::NAME) => {
            Err("has `demo`, which production refuses: no money would move. Production needs \
                 `stripe`, `cash-on-delivery` or `bank-transfer`"
                .to_owned())
        }
        None => Ok(names),
    }
}

fn parse_name(text: &str) -> Result<GatewayName, String> {
    let known = NAMES.into_iter().find(|name| name.as_str() == text);
    known.ok_or_else(|| {
        let all = NAMES.map(|name| format!("`{name}`")).join(", ");
        format!("has `{text}`, which is no gateway; there are {all}")
    })
}

/// Reads when a payment needs a code: `always`, `from 50.00`, or `new`.
fn read_payment_code(reader: &mut SettingsReader) -> Option<PaymentCodePolicy> {
    reader.read("MARIGOLD_PAYMENT_CODE", "always", |text| match text.split_once(' ') {
        None if text == "always" => Ok(PaymentCodePolicy::Always),
        None if text == "new" => Ok(PaymentCodePolicy::NewOnly),
        Some(("from", amount)) => {
            paid_outside::parse_amount(amount.trim()).map(PaymentCodePolicy::From)
        }
        _ => {
            Err("is neither `always`, `new` nor `from` and an amount, such as `from 50.00`".into())
        }
    })
}
