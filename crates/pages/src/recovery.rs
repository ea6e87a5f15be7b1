//! Signing in without the phone: a recovery code, and then a new phone.

use domain::{Field, Purpose};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use shop::NewPhoneStage;
use web::{routes, server::Flash};

use super::{
    Alert, CodeScreen, Form, Page, StartAgain, SubmitButton, TextField, code::code_of, expect_shop,
    expect_visitor, page, redirect, take_flash,
};

/// The recovery code, for a browser whose password was right.
#[component]
pub fn RecoveryPage() -> impl IntoView {
    page(async {
        let visitor = expect_visitor()?;
        if visitor.signed_in.is_some() {
            redirect(routes::ACCOUNT);
        }
        let awaits_code = expect_shop()?.lost_phone().awaits_code(&visitor).await?;
        let flash = take_flash()?;
        let step = if awaits_code {
            Either::Left(view! { <AskRecoveryCode flash/> })
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
fn AskRecoveryCode(flash: Flash) -> impl IntoView {
    let problem = flash.problem(Field::Code);
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
