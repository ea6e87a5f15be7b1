//! The terms of an order: buyer, lines, prices, shipping, address and payee. They are read
//! from the rows when an order is placed, and again when its code is entered: a code is
//! accepted only while nothing of them has changed (S-O17, S-O19).

use domain::{
    AccountId, Address, Buyer, CartId, CountryCode, Currency, Field, OrderId, Problem, Quote,
    Refusal, Timestamp,
};
use payment::{CashOnDelivery, Choice, Gateways, Market};
use store::{CartLine, Checkout, Connection, Order, OrderHeader};

use crate::{
    carts::items,
    codes::Binding,
    error::{Error, Fault, Result},
    pricing,
    shipping::Shipping,
};

/// The terms that buyer and shop agree on.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub buyer: Buyer,
    pub cart: CartId,
    /// The lines stand in the order of their variants' ids.
    pub quote: Quote,
    /// The id of the shipping method.
    pub shipping: String,
    pub address: Address,
    /// The id of the payment method.
    pub method: String,
    pub payee: String,
}

/// The seller's side of the terms.
#[derive(Clone)]
pub(crate) struct Seller {
    /// The currency of every price.
    pub currency: Currency,
    /// The name of the shop.
    pub payee: String,
    /// The gateways, which decide the payment methods.
    pub gateways: Gateways,
    /// How many refused parcels of a phone number end payment on delivery for it.
    pub max_refused_parcels: u32,
}

impl Seller {
    /// The methods that an account is offered for this cart and address.
    pub async fn methods(
        &self,
        rows: &mut Connection,
        account: &AccountId,
        quote: &Quote,
        address: Option<&Address>,
    ) -> Result<Vec<Choice>> {
        let mut methods = self.gateways.methods(&self.market(quote, address));
        let is_on_delivery = |choice: &Choice| choice.gateway.name() == CashOnDelivery::NAME;
        if methods.iter().any(is_on_delivery) {
            let buyer = rows.accounts().find(account).await?;
            let buyer = buyer.ok_or(Error::Failed(Fault::Broken("carts.account_id")))?;
            let refused = rows.orders().count_refused_parcels(&buyer.phone).await?;
            methods.retain(|choice| !is_on_delivery(choice) || refused < self.max_refused_parcels);
        }
        Ok(methods)
    }

    /// The market of an order: what is paid, and where it is delivered to.
    pub fn market(&self, quote: &Quote, address: Option<&Address>) -> Market {
        let country = address.and_then(|address| CountryCode::parse(&address.country));
        Market { currency: self.currency, country, total: quote.total() }
    }
}

/// The order that the visitor's cart would become now.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub terms: Terms,
    /// The stock of the first line whose quantity exceeds it.
    pub short_of: Option<u32>,
}

impl Draft {
    /// Reads the draft of an account's cart, and locks the cart until the transaction
    /// ends. Refuses a cart or checkout that cannot become an order.
    pub async fn read(
        tx: &mut Connection,
        seller: &Seller,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Self> {
        let cart = tx.carts().find_of_account(account).await?;
        let cart = cart.ok_or(Error::Refused(Refusal::CartEmpty))?;
        tx.carts().lock(&cart, now).await?;
        let mut lines = tx.carts().lines(&cart).await?;
        if lines.is_empty() {
            return Err(Refusal::CartEmpty.into());
        }
        lines.sort_by(|one, other| one.item.variant.id.cmp(&other.item.variant.id));
        let Checkout { address, shipping, method } = tx.carts().checkout(&cart).await?;
        let address = address.ok_or(missing(Field::Street))?;
        let shipping = shipping.as_deref().and_then(Shipping::parse);
        let shipping = shipping.ok_or(missing(Field::Shipping))?;
        let short_of = lines.iter().find_map(shortage);
        let quote = pricing::quote(seller.currency, items(lines), shipping)?;
        let offered = seller.methods(tx, account, &quote, Some(&address)).await?;
        let is_offered = |id: &String| offered.iter().any(|choice| choice.method.id == id);
        let method = method.filter(is_offered);
        let method = method.ok_or(missing(Field::Payment))?;
        Ok(Self {
            short_of,
            terms: Terms {
                buyer: Buyer::Account(account.clone()),
                cart,
                quote,
                shipping: shipping.as_str().to_owned(),
                address,
                method,
                payee: seller.payee.clone(),
            },
        })
    }
}

fn missing(field: Field) -> Error {
    Problem::Choice(field).into()
}

fn shortage(line: &CartLine) -> Option<u32> {
    let available = line.available();
    (available < line.item.quantity.get()).then_some(available)
}

impl Terms {
    /// The terms of an order that was placed.
    pub async fn of(tx: &mut Connection, order: &Order) -> Result<Self> {
        let lines = tx.orders().lines(&order.names.id).await?;
        let quote = pricing::agreed(order, lines)?;
        let OrderHeader { buyer, cart, shipping, address, method, payee, .. } =
            order.header.clone();
        Ok(Self { buyer, cart, quote, shipping, address, method, payee })
    }

    /// What the row of an order keeps of the terms, apart from the lines.
    pub fn header(&self) -> Result<OrderHeader> {
        Ok(OrderHeader {
            buyer: self.buyer.clone(),
            cart: self.cart.clone(),
            subtotal: self.quote.subtotal(),
            shipping_price: self.quote.adjusted_by(domain::AdjustmentKind::Shipping)?,
            total: self.quote.total(),
            shipping: self.shipping.clone(),
            address: self.address.clone(),
            method: self.method.clone(),
            payee: self.payee.clone(),
        })
    }

    /// What the code of one version of an order is bound to: order, version, buyer, amount,
    /// currency, payee and address (PSD2 RTS Art. 5), and also every line, the shipping and
    /// the payment method, so that a swap at the same price invalidates the code.
    ///
    /// The terms are taken apart without `..`: a new field does not compile before it is
    /// bound, or left out by name.
    pub fn binding(&self, order: &OrderId, version: u32) -> Result<Binding> {
        // The cart is only the source of the lines, and no part of the terms.
        let Self { buyer, cart: _, quote, shipping, address, method, payee } = self;
        let address = serde_json::to_string(address)
            .map_err(|_| Error::Failed(Fault::Broken("an address")))?;
        let mut agreed = vec![order.to_string(), version.to_string()];
        match buyer {
            Buyer::Account(account) => agreed.extend(["account".to_owned(), account.to_string()]),
            Buyer::Guest { email, phone } => agreed.extend([
                "guest".to_owned(),
                email.as_str().to_owned(),
                phone.expose().to_owned(),
            ]),
        }
        agreed.extend([payee.clone(), address, shipping.clone(), method.clone()]);
        agreed.extend(quote.agreed());
        let parts: Vec<&[u8]> = agreed.iter().map(String::as_bytes).collect();
        Ok(Binding::of(&parts))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{
        Art, ArtKind, Colour, EmailAddress, LineItem, Money, Pattern, PhoneNumber, ProductRef,
        Quantity, VariantId, VariantRef,
    };

    use super::*;

    fn euro(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn quote(unit: i64) -> Quote {
        let item = LineItem {
            product: ProductRef {
                slug: "mug".to_owned(),
                name: "Mug".to_owned(),
                art: Art { kind: ArtKind::Mug, pattern: Pattern::Plain },
            },
            variant: VariantRef {
                id: VariantId::from_bits(1),
                colour: Colour::Sage,
                size: "300 ml".to_owned(),
            },
            quantity: Quantity::ONE,
            unit: euro(unit),
        };
        pricing::quote(Currency::EUR, vec![item], Shipping::Standard).unwrap()
    }

    fn guest(email: &str, phone: &str) -> Buyer {
        Buyer::Guest {
            email: EmailAddress::parse(email).unwrap(),
            phone: PhoneNumber::from_e164(phone).unwrap(),
        }
    }

    fn terms() -> Terms {
        Terms {
            buyer: Buyer::Account(AccountId::from_bits(1)),
            cart: CartId::from_bits(1),
            quote: quote(1_000),
            shipping: "standard".to_owned(),
            address: Address {
                name: "Ada Buyer".to_owned(),
                street: "1 Test Street".to_owned(),
                extra: "c/o Test".to_owned(),
                district: "Aldgate".to_owned(),
                city: "London".to_owned(),
                region: "Greater London".to_owned(),
                postcode: "E1 1AA".to_owned(),
                country: "GB".to_owned(),
            },
            method: "card".to_owned(),
            payee: "Marigold".to_owned(),
        }
    }

    #[test]
    fn so19_every_component_of_the_terms_changes_the_binding() {
        let id = OrderId::from_bits(1);
        let changes: [fn(&mut Terms); 16] = [
            |_| {},
            |terms| terms.buyer = Buyer::Account(AccountId::from_bits(2)),
            |terms| terms.buyer = guest("ada@example.com", "+447700900123"),
            |terms| terms.buyer = guest("eve@example.com", "+447700900123"),
            |terms| terms.buyer = guest("ada@example.com", "+447700900124"),
            // What a quote consists of is tested beside `Quote::agreed`.
            |terms| terms.quote = quote(1_001),
            |terms| terms.shipping = "express".to_owned(),
            |terms| terms.address.name = "Eve Buyer".to_owned(),
            |terms| terms.address.street = "2 Test Street".to_owned(),
            |terms| terms.address.extra = String::new(),
            |terms| terms.address.district = "Soho".to_owned(),
            |terms| terms.address.city = "Leeds".to_owned(),
            |terms| terms.address.region = String::new(),
            |terms| terms.address.postcode = "E1 1AB".to_owned(),
            |terms| terms.address.country = "IE".to_owned(),
            |terms| terms.method = "wallet".to_owned(),
        ];
        let mut bindings: Vec<_> = changes
            .iter()
            .map(|change| {
                let mut terms = terms();
                change(&mut terms);
                terms.binding(&id, 1).unwrap()
            })
            .collect();
        let payee = Terms { payee: "Eve".to_owned(), ..terms() };
        bindings.push(payee.binding(&id, 1).unwrap());
        bindings.push(terms().binding(&id, 2).unwrap());
        bindings.push(terms().binding(&OrderId::from_bits(2), 1).unwrap());
        let different: BTreeSet<_> = bindings.iter().map(Binding::as_str).collect();
        assert_eq!(different.len(), bindings.len());
    }

    #[test]
    fn the_same_terms_have_the_same_binding() {
        let id = OrderId::from_bits(1);
        assert_eq!(terms().binding(&id, 1).unwrap(), terms().binding(&id, 1).unwrap());
        let other = Terms { cart: CartId::from_bits(2), ..terms() };
        assert_eq!(other.binding(&id, 1).unwrap(), terms().binding(&id, 1).unwrap());
    }
}
