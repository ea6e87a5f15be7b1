//! The code of a payment. Beside the field stands what it confirms: shop, products, amount,
//! currency and address (PSD2 RTS Art. 5).

use leptos::{either::Either, prelude::*};
use shop::ConfirmationView;
use web::{routes, server};

use super::{
    super::{
        CodeScreen, Page, StartAgain,
        bdi::amount,
        expect_shop, expect_visitor, page, redirect,
        summary::{Amounts, Lines, OrderLines},
        take_flash,
    },
    address::written,
};

/// Confirms a payment by code. Without anything to confirm it redirects to the checkout, which
/// shows the result of the last attempt.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    page(async {
        let confirmation = expect_shop()?.checkout().confirmation(&expect_visitor()?).await?;
        let Some(confirmation) = confirmation else {
            redirect(routes::CHECKOUT);
            return Ok(Either::Left(()));
        };
        let flash = take_flash()?;
        let code = confirmation.code.clone();
        let total = confirmation.quote.total();
        let pays = t_html!(
            "confirm-amount",
            amount = server::text().money(total),
            payee = confirmation.payee.as_str()
        );
        Ok(Either::Right(view! {
            <Page title=t!("confirm-title") private=true>
                <div class="with-aside">
                    <div class="stack code-page">
                        <h1>{t!("confirm-title")}</h1>
                        <p class="confirm-line">{t!("confirm-you-pay")}" "<strong>{pays}</strong></p>
                        <CodeScreen
                            code
                            action=routes::api::CHECKOUT_CONFIRM
                            button=t!("confirm-button")
                            start_again=StartAgain::At(routes::CHECKOUT_REVIEW)
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
    let total = confirmation.quote.total();
    let address = written(&confirmation.address);
    view! {
        <section class="card aside confirm" aria-label=t!("checkout-summary")>
            <p class="muted small">{t!("confirm-you-pay")}</p>
            <p class="confirm-amount">{amount(total)}</p>
            <dl class="facts">
                <div><dt>{t!("confirm-to")}</dt><dd><bdi>{confirmation.payee}</bdi></dd></div>
                <div><dt>{t!("confirm-order")}</dt><dd>{confirmation.order_number}</dd></div>
                <div><dt>{t!("delivered-to")}</dt><dd><Lines lines=address/></dd></div>
            </dl>
            <OrderLines lines=confirmation.quote.lines().to_vec()/>
            <Amounts quote=confirmation.quote/>
            <p class="hint">
                {t!("confirm-exactly")}
            </p>
        </section>
    }
}
