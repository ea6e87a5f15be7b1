//! The recovery codes of an account: the steps to new ones, and the codes while they are shown.

use domain::{Purpose, RecoveryCode};
use leptos::{either::EitherOf4, prelude::*};
use shop::{RecoveryCodesStage, RecoveryCodesView};
use text::{Text, message};
use web::{
    routes,
    server::{self, Flash},
};

use super::{
    Alert, CodeScreen, Form, Page, StartAgain, SubmitButton, TextField, code::code_of, expect_shop,
    expect_visitor, page, take_flash,
};

/// What is left of the codes, and the step to new ones that is due.
#[component]
pub fn RecoveryCodesPage() -> impl IntoView {
    page(async {
        let view = expect_shop()?.recovery_codes().view(&expect_visitor()?).await?;
        let (step_up, flash) = (code_of(Purpose::StepUp).await?, take_flash()?);
        let left = words_for_left(&view);
        let start_again = StartAgain::By(routes::api::ACCOUNT_RECOVERY_START_AGAIN);
        let has_codes = view.made_at.is_some();
        let step = match view.stage {
            RecoveryCodesStage::Password => EitherOf4::A(view! { <AskPassword flash/> }),
            RecoveryCodesStage::StepUpCode => EitherOf4::B(view! {
                <CodeScreen
                    code=step_up
                    action=routes::api::ACCOUNT_RECOVERY_STEP_UP
                    start_again
                    flash
                />
            }),
            RecoveryCodesStage::Ready => EitherOf4::C(view! { <MakeCodes has_codes flash/> }),
            RecoveryCodesStage::Shown(codes) => EitherOf4::D(view! { <Codes codes flash/> }),
        };
        Ok(view! {
            <Page title=t!("recovery-codes-title") private=true>
                <div class="narrow stack">
                    <h1>{t!("recovery-codes-title")}</h1>
                    <p>{t!("recovery-codes-about")}</p>
                    <p class="not-printed">{left}</p>
                    {step}
                    <p class="not-printed"><a href=routes::ACCOUNT>{t!("phone-back")}</a></p>
                </div>
            </Page>
        })
    })
}

fn words_for_left(view: &RecoveryCodesView) -> String {
    match view.made_at {
        Some(made_at) => {
            t!("recovery-codes-left", count = view.unused, date = server::text().date_time(made_at))
        }
        None => t!("recovery-codes-none"),
    }
}

#[component]
fn AskPassword(flash: Flash) -> impl IntoView {
    view! {
        <p>{t!("recovery-codes-confirm")}</p>
        <Alert flash/>
        <Form class="stack" action=routes::api::ACCOUNT_RECOVERY_PASSWORD novalidate=true>
            <TextField
                label=t!("field-password")
                name="password"
                kind="password"
                autocomplete="current-password"
            />
            <SubmitButton label=t!("phone-continue")/>
        </Form>
    }
}

#[component]
fn MakeCodes(has_codes: bool, flash: Flash) -> impl IntoView {
    let (about, label) = match has_codes {
        true => (Some(t!("recovery-codes-replace-about")), t!("recovery-codes-replace")),
        false => (None, t!("recovery-codes-make")),
    };
    view! {
        <Alert flash/>
        {about.map(|words| view! { <p>{words}</p> })}
        <Form action=routes::api::ACCOUNT_RECOVERY_MAKE>
            <SubmitButton label/>
        </Form>
    }
}

#[component]
fn Codes(codes: Vec<RecoveryCode>, flash: Flash) -> impl IntoView {
    let rows = codes.into_iter().map(|code| view! { <li><code>{code.expose_text()}</code></li> });
    view! {
        <Alert flash/>
        <section class="card stack" aria-labelledby="codes-title">
            <h2 id="codes-title">{t!("recovery-codes-yours")}</h2>
            <p class="not-printed">{t!("recovery-codes-once")}</p>
            <ol class="recovery-codes" role="list">{rows.collect_view()}</ol>
            <p class="not-printed">
                <a href=routes::downloads::RECOVERY_CODES download>{t!("recovery-codes-download")}</a>
            </p>
            <Form class="not-printed" action=routes::api::ACCOUNT_RECOVERY_SAVED>
                <SubmitButton label=t!("recovery-codes-saved")/>
            </Form>
        </section>
    }
}

/// The text file with the codes.
pub fn file(text: &Text, shop_name: &str, codes: &[RecoveryCode]) -> String {
    let title = message!(text, "recovery-codes-file-title", shop = shop_name);
    let mut lines = vec![title, message!(text, "recovery-codes-file-about"), String::new()];
    lines.extend(codes.iter().map(RecoveryCode::expose_text));
    lines.push(String::new());
    lines.join("\n")
}
