//! The invoice of an order as a file: its texts in the language of the visitor, which the crate
//! `invoice` writes as a PDF.

use domain::AdjustmentKind;
use invoice::{Error, Invoice};
use shop::{OrderView, addresses};
use text::{Text, message};

/// The file; `None` before the order has an invoice. Fails with [`Error::Letter`] if it has letters
/// outside of Latin scripts.
pub fn file(text: &Text, order: &OrderView, seller: &[String]) -> Option<Result<Vec<u8>, Error>> {
    invoice_of(text, order, seller).map(|invoice| invoice::render(&invoice))
}

/// Whether the file can be made.
pub fn is_possible(text: &Text, order: &OrderView, seller: &[String]) -> bool {
    invoice_of(text, order, seller).is_some_and(|invoice| invoice::check(&invoice).is_ok())
}

fn invoice_of(text: &Text, order: &OrderView, seller: &[String]) -> Option<Invoice> {
    let issued = order.invoice.as_ref()?;
    let mut buyer = addresses::lines(&order.address);
    buyer.push(text.country(&order.address.country));
    Some(Invoice {
        language: text.language().tag().to_owned(),
        title: message!(text, "invoice-title", number = issued.number.as_str()),
        seller: seller.to_vec(),
        buyer_label: message!(text, "invoice-to"),
        buyer,
        facts: vec![
            (message!(text, "invoice-issued-on"), text.date_time(issued.issued_at)),
            (message!(text, "receipt-number"), order.number.clone()),
            (message!(text, "receipt-placed-on"), text.date_time(order.created_at)),
            (message!(text, "order-paid-with"), text.payment_method(&order.method)),
        ],
        columns: [
            message!(text, "invoice-description"),
            message!(text, "invoice-quantity"),
            message!(text, "invoice-price"),
            message!(text, "invoice-amount"),
        ],
        lines: lines(text, order),
        sums: sums(text, order),
        notes: vec![message!(text, "receipt-taxes")],
    })
}

fn lines(text: &Text, order: &OrderView) -> Vec<[String; 4]> {
    let line = |line: &domain::PricedLine| {
        let (item, count) = (&line.item, line.item.quantity.get());
        let options = message!(
            text,
            "invoice-options",
            product = item.product.name.as_str(),
            colour = text.colour(item.variant.colour),
            size = item.variant.size.as_str()
        );
        [options, count.to_string(), text.money(item.unit), text.money(line.total)]
    };
    order.quote.lines().iter().map(line).collect()
}

fn sums(text: &Text, order: &OrderView) -> Vec<(String, String)> {
    let mut sums = vec![(message!(text, "subtotal"), text.money(order.quote.subtotal()))];
    for adjustment in order.quote.adjustments() {
        let label = match adjustment.kind {
            AdjustmentKind::Shipping => message!(text, "shipping"),
        };
        sums.push((label, text.money(adjustment.amount)));
    }
    sums.push((message!(text, "total"), text.money(order.quote.total())));
    sums
}
