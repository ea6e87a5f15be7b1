//! Signing in without the phone: a recovery code, and then a new phone.

use domain::{Field, Purpose};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use shop::{NewPhoneStage, PhoneChangeView};
use web::{
    routes,
    server::{self, Flash},
};

use super::{
    Alert, CodeScreen, Form, Page, StartAgain, SubmitButton, TextField, code::code_of,
    dates::DateTime, expect_shop, expect_visitor, page, redirect, take_flash,
};

/// The recovery code, for a browser whose password was right.
#[component]
pub fn RecoveryPage() -> impl IntoView {
    page(async {
        let visitor = expect_visitor()?;
        if visitor.signed_in.is_some() {
            redirect(routes::ACCOUNT);
        }
        let shop = expect_shop()?;
        let awaits_code = shop.lost_phone().awaits_code(&visitor).await?;
        let assisted = shop.lost_phone().assisted(&visitor).await?;
        let flash = take_flash()?;
        let step = if awaits_code {
            Either::Left(view! { <AskRecoveryCode flash assisted/> })
        } else {
            Either::Right(view! {
                <Alert flash/>
                <p>{t!("recovery-first")}</p>
                <p><a class="button button-primary" href=routes::LOGIN>{t!("recovery-sign-in")}</a></p>
            })
        };
        Ok(view! {
            <Page title=t!("recovery-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("recovery-title")}</h1>
                    {step}
                </div>
            </Page>
        })
    })
}

#[component]
fn AskRecoveryCode(flash: Flash, #[prop(into)] assisted: Option<PhoneChangeView>) -> impl IntoView {
    let mut flash = flash;
    let of_assisted = flash.take_at(ASSISTED);
    // A wrong code is said at its field too, as a malformed one is.
    let wrong = flash.alert().filter(|_| flash.is_input_wrong());
    let problem = flash.problem(Field::Code).or(wrong);
    view! {
        <p>{t!("recovery-about")}</p>
        <Alert flash/>
        <Form class="stack" action=routes::api::LOGIN_RECOVERY_VERIFY novalidate=true>
            <TextField
                label=t!("recovery-code")
                name="code"
                problem
                hint=t!("recovery-code-hint")
            />
            <SubmitButton label=t!("recovery-code-submit")/>
        </Form>
        <p><a href=routes::LOGIN>{t!("recovery-have-phone")}</a></p>
        <Assisted assisted flash=of_assisted/>
    }
}

/// The `id` of what helps without a recovery code.
const ASSISTED: &str = "assisted";

/// What an owner without recovery codes can do: ask the shop, wait, and then set a new phone.
#[component]
fn Assisted(#[prop(into)] assisted: Option<PhoneChangeView>, flash: Flash) -> impl IntoView {
    let step = match assisted {
        None => EitherOf3::A(view! {
            <p>{t_html!("recovery-ask-shop", contact = server::text().contact())}</p>
        }),
        Some(change) if change.is_ready => EitherOf3::B(view! {
            <p>{t!("recovery-assisted-ready")}</p>
            <Form action=routes::api::LOGIN_RECOVERY_ASSISTED anchor=ASSISTED>
                <SubmitButton label=t!("recovery-assisted-use")/>
            </Form>
        }),
        Some(change) => EitherOf3::C(view! {
            <p>{t!("recovery-assisted-waits")}" "<DateTime at=change.ready_at/></p>
        }),
    };
    view! {
        <section class="card stack" id=ASSISTED aria-labelledby="no-code">
            <h2 id="no-code">{t!("recovery-no-code")}</h2>
            <Alert flash/>
            {step}
        </section>
    }
}

/// The new phone, for a browser that gave a right recovery code.
#[component]
pub fn RecoveryPhonePage() -> impl IntoView {
    page(async {
        let stage = expect_shop()?.lost_phone().stage(&expect_visitor()?).await?;
        let (code, flash) = (code_of(Purpose::Phone).await?, take_flash()?);
        let start_again = StartAgain::By(routes::api::LOGIN_RECOVERY_START_AGAIN);
        let step = match stage {
            NewPhoneStage::NotPermitted => EitherOf3::A(view! {
                <Alert flash/>
                <p>{t!("recovery-phone-too-early")}</p>
                <p><a class="button button-primary" href=routes::LOGIN>{t!("start-again")}</a></p>
            }),
            NewPhoneStage::Number => EitherOf3::B(view! { <AskNewNumber flash/> }),
            NewPhoneStage::Code => EitherOf3::C(view! {
                <CodeScreen code action=routes::api::LOGIN_RECOVERY_PHONE_VERIFY start_again flash/>
            }),
        };
        Ok(view! {
            <Page title=t!("recovery-phone-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("recovery-phone-title")}</h1>
                    {step}
                </div>
            </Page>
        })
    })
}

#[component]
fn AskNewNumber(flash: Flash) -> impl IntoView {
    let (value, problem) = (flash.value(Field::Phone), flash.problem(Field::Phone));
    view! {
        <p>{t!("recovery-phone-about")}</p>
        <Alert flash/>
        <Form class="stack" action=routes::api::LOGIN_RECOVERY_PHONE novalidate=true>
            <TextField
                label=t!("phone-new")
                name="phone"
                kind="tel"
                autocomplete="tel"
                value
                problem
                hint=t!("phone-new-hint")
            />
            <SubmitButton label=t!("send-code")/>
        </Form>
    }
}
