//! The payment's code, with what it confirms beside the field: shop, things,
//! amount, currency and address (PSD2 RTS Art. 5).

use leptos::{either::Either, prelude::*};
use shop::ConfirmationView;

use super::{
    super::{CodeScreen, Page, expect_shop, expect_visitor, lead_to, page, take_flash},
    Amounts,
    steps::written,
};

/// Confirming a payment by code. With nothing to confirm it leads back to the
/// checkout, where whatever the last attempt led to is told.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    page(async {
        let confirmation = expect_shop()?.checkout().confirmation(&expect_visitor()?).await?;
        let Some(confirmation) = confirmation else {
            lead_to("/checkout");
            return Ok(Either::Left(()));
        };
        let flash = take_flash().await?;
        let code = confirmation.code.clone();
        Ok(Either::Right(view! {
            <Page title="Confirm your payment" private=true>
                <div class="with-aside">
                    <div class="stack code-page">
                        <h1>"Confirm your payment"</h1>
                        <CodeScreen
                            code
                            action="/api/checkout/confirm"
                            button="Confirm payment"
                            start_again="/checkout?step=review"
                            flash
                        />
                    </div>
                    <Confirmed confirmation/>
                </div>
            </Page>
        }))
    })
}

#[component]
fn Confirmed(confirmation: ConfirmationView) -> impl IntoView {
    let lines = confirmation.lines.into_iter().map(|line| {
        view! {
            <li class="summary-line">
                <span class="summary-text">
                    <span class="strong">{line.name}</span>
                    <span class="muted small">{format!("{}, {} × {}", line.colour.name(), line.size, line.quantity)}</span>
                </span>
                <span>{line.total.to_string()}</span>
            </li>
        }
    });
    let total = confirmation.totals.total;
    let address =
        written(&confirmation.address).into_iter().map(|line| view! { <span>{line}</span> });
    view! {
        <section class="card aside confirm" aria-label="Order summary">
            <p class="muted small">"You pay"</p>
            <p class="confirm-amount">{total.to_string()}" "<span class="muted">{total.currency().code()}</span></p>
            <dl class="facts">
                <div><dt>"To"</dt><dd>{confirmation.payee}</dd></div>
                <div><dt>"Order"</dt><dd>{confirmation.order_number}</dd></div>
                <div><dt>"Delivered to"</dt><dd class="step-lines">{address.collect_view()}</dd></div>
            </dl>
            <ul class="summary-lines">{lines.collect_view()}</ul>
            <Amounts totals=confirmation.totals is_shipping_known=true/>
            <p class="hint">"The code confirms exactly this. If anything here changes, the code stops working."</p>
        </section>
    }
}
