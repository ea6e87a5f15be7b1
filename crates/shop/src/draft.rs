//! What an order would be, read from the rows of this moment: the lines, prices,
//! shipping, address and payee. An order is placed from a draft, and its code is
//! accepted only while a new draft still says the same (S-O17, S-O19).

use domain::{AccountId, Field, Money, OrderId, Problem, Refusal, Timestamp};
use store::{CartLine, Checkout, Connection, OrderHeader, OrderLine};

use crate::{Error, Fault, Result, Shop, carts::unsummable, codes::Binding, shipping::Shipping};

/// What an order would be.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub terms: OrderHeader,
    /// By variant id, as the lines of an order are.
    pub lines: Vec<OrderLine>,
    /// Pieces left of the first line that asks for more than there are.
    pub scarce: Option<u32>,
}

impl Draft {
    /// Reads the draft of an account's basket, and holds the basket until the
    /// transaction ends. Refuses what cannot become an order at all.
    pub async fn read(
        tx: &mut Connection,
        shop: &Shop,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Self> {
        let cart = tx.carts().find_of_account(account).await?;
        let cart = cart.ok_or(Error::Refused(Refusal::CartEmpty))?;
        tx.carts().lock(&cart, now).await?;
        let lines = tx.carts().lines(&cart).await?;
        if lines.is_empty() {
            return Err(Refusal::CartEmpty.into());
        }
        let Checkout { address, shipping, method } = tx.carts().checkout(&cart).await?;
        let address = address.ok_or(missing(Field::Street))?;
        let shipping = shipping.as_deref().and_then(Shipping::parse);
        let shipping = shipping.ok_or(missing(Field::Shipping))?;
        let method = method.filter(|id| shop.offers_method(id)).ok_or(missing(Field::Payment))?;

        let subtotal = subtotal(shop, &lines)?;
        let shipping_price = shipping.price(subtotal);
        Ok(Self {
            terms: OrderHeader {
                account: account.clone(),
                cart,
                subtotal,
                shipping_price,
                total: subtotal.checked_add(shipping_price).map_err(unsummable)?,
                shipping: shipping.as_str().to_owned(),
                address,
                method,
                payee: shop.settings().shop_name.clone(),
            },
            scarce: lines.iter().find_map(scarcity),
            lines: frozen(lines),
        })
    }
}

fn missing(field: Field) -> Error {
    Problem::Choice(field).into()
}

fn subtotal(shop: &Shop, lines: &[CartLine]) -> Result<Money> {
    let nothing = Money::zero(shop.settings().currency);
    lines.iter().try_fold(nothing, |sum, line| {
        let total = line.variant.price.checked_mul(line.quantity.get());
        total.and_then(|total| sum.checked_add(total)).map_err(unsummable)
    })
}

fn scarcity(line: &CartLine) -> Option<u32> {
    let available = if line.is_listed { line.variant.stock } else { 0 };
    (available < line.quantity.get()).then_some(available)
}

fn frozen(lines: Vec<CartLine>) -> Vec<OrderLine> {
    let mut lines: Vec<_> = lines
        .into_iter()
        .map(|line| OrderLine {
            variant: line.variant.id,
            product_name: line.name,
            slug: line.slug,
            colour: line.variant.colour,
            size: line.variant.size,
            art: line.art,
            quantity: line.quantity,
            unit: line.variant.price,
        })
        .collect();
    lines.sort_by(|one, other| one.variant.cmp(&other.variant));
    lines
}

/// What the code of one version of an order is bound to: order, version, amount,
/// currency, payee and address (PSD2 RTS Art. 5), and also every line, the
/// shipping and the means of payment, so that a swap at the same price shows.
pub(crate) fn binding(
    order: &OrderId,
    version: u32,
    terms: &OrderHeader,
    lines: &[OrderLine],
) -> Result<Binding> {
    let address = serde_json::to_string(&terms.address)
        .map_err(|_| Error::Failed(Fault::Broken("an address")))?;
    let contents: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {} {}", line.variant, line.quantity.get(), line.unit.minor()))
        .collect();
    Ok(Binding::of(&[
        order.as_str().as_bytes(),
        &version.to_be_bytes(),
        &terms.total.minor().to_be_bytes(),
        terms.total.currency().code().as_bytes(),
        terms.payee.as_bytes(),
        address.as_bytes(),
        contents.join(",").as_bytes(),
        terms.shipping.as_bytes(),
        terms.method.as_bytes(),
    ]))
}
