//! The screen for entering a code, which every page that needs a code uses.
//!
//! Without script it has two plain forms and a link that refreshes. The forms come back to the
//! field. With script the same forms show their response in place, and the status of the message
//! is live.

use domain::{ChallengeState, Channel, Purpose, Refusal};
use leptos::{either::Either, prelude::*};
use shop::codes::CodeView;
use text::{Part, message_parts};
use web::{
    islands::{CodeForm, CodeFormText, Countdown, DeliveryState, code_field},
    routes,
    server::{self, Flash},
};

use super::{
    Alert, Form, Page, SubmitButton, expect_shop, expect_visitor, page, path_here, redirect,
    simulator::SimulatedPhoneLink, take_flash,
};

/// How a visitor gets a new code.
#[derive(Clone, Copy)]
pub enum StartAgain {
    /// By a page that requests a code. A new code ends the one before.
    At(&'static str),
    /// By a form that cancels the code, because the page shows the code while it is live.
    By(&'static str),
}

/// The page of a code that a visitor waits for before being signed in. Who is signed in and waits
/// for no code has come back by the browser's button, and is sent to the account.
#[component]
pub fn CodePage(
    /// The title, which is also the heading.
    title: String,
    /// What the code is for.
    purpose: Purpose,
    /// The address that the code is posted to.
    action: &'static str,
    /// How to get a new code.
    start_again: StartAgain,
    /// What stands below the screen while a code is waited for.
    #[prop(optional, into)]
    below: Option<ViewFnOnce>,
    /// Further fields of the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    page(async move {
        let (code, flash) = (code_of(purpose).await?, take_flash()?);
        let is_live = code.as_ref().is_some_and(CodeView::is_live);
        if !is_live && flash.alert().is_none() && expect_visitor()?.signed_in.is_some() {
            redirect(routes::ACCOUNT);
        }
        Ok(view! {
            <Page title=title.clone() private=true>
                <div class="narrow stack">
                    <h1>{title}</h1>
                    <CodeScreen code action start_again flash>
                        {children.map(|children| children())}
                    </CodeScreen>
                    {below.filter(|_| is_live).map(ViewFnOnce::run)}
                </div>
            </Page>
        })
    })
}

/// The screen. The children are placed in the form, between field and button.
#[component]
pub fn CodeScreen(
    /// The code as its browser may see it; `None` if none was requested.
    #[prop(into)]
    code: Option<CodeView>,
    /// The address that the code is posted to.
    action: &'static str,
    /// The text of the button; `None` for the default.
    #[prop(optional, into)]
    button: Option<String>,
    /// How to get a new code.
    start_again: StartAgain,
    /// The result of the last form.
    flash: Flash,
    /// Further fields of the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let code = match code {
        Some(code) if code.is_live() => code,
        ended => return Either::Left(view! { <Ended code=ended start_again flash/> }),
    };
    let alert = flash.alert().unwrap_or_default();
    let is_wrong = flash.is_input_wrong();
    let has_focus = is_wrong || alert.is_empty();
    let said = Flash { refusal: None, fault: None, ..flash };
    let destination = destination(&code);
    let seconds = if code.resends_left == 0 { 0 } else { code.resend_in_seconds };
    Either::Right(view! {
        <SimulatedPhoneLink purpose=code.purpose/>
        <p class="lead">{destination}</p>
        <Progress code=code.clone()/>
        <Alert flash=said/>
        <CodeForm seconds alert is_wrong text=form_text()>
            <Form class="stack" action=action novalidate=true anchor=code_field::NAME>
                <CodeField minutes=code.minutes is_wrong has_focus/>
                {children.map(|children| children())}
                <SubmitButton label=button.unwrap_or_else(|| t!("code-verify"))/>
            </Form>
            <Form class="resend" action=routes::api::CODES_RESEND anchor=code_field::NAME>
                <input type="hidden" name="purpose" value=code.purpose.as_str()/>
                <button class="button" type="submit">{t!("code-resend")}</button>
            </Form>
        </CodeForm>
        <OtherWays code start_again/>
    })
}

/// The texts that the form needs in the browser.
fn form_text() -> CodeFormText {
    /// No wait is longer than the lifetime of a code.
    const MAX_COUNTDOWN_SECONDS: u32 = 600;
    let wait = Countdown::new(MAX_COUNTDOWN_SECONDS, |seconds| match seconds {
        0 => String::new(),
        _ => t!("code-resend-wait", count = seconds),
    });
    CodeFormText { wait, sent_again: t!("flash-code-sent-again"), unreachable: t!("unreachable") }
}

/// Where the code went. At a password reset it does not tell whether there is an account.
fn destination(code: &CodeView) -> impl IntoView + use<> {
    let (text, phone) = (server::text(), code.masked_phone.as_str());
    let parts = match (code.purpose, code.channel) {
        (Purpose::Login, Channel::WhatsApp) => {
            message_parts!(text, "code-sign-in-whatsapp", phone = phone)
        }
        (Purpose::Login, Channel::Sms) => message_parts!(text, "code-sign-in-sms", phone = phone),
        (Purpose::Reset, Channel::WhatsApp) => {
            message_parts!(text, "code-reset-whatsapp", phone = phone)
        }
        (Purpose::Reset, Channel::Sms) => message_parts!(text, "code-reset-sms", phone = phone),
        (Purpose::OrderLookup, Channel::WhatsApp) => {
            message_parts!(text, "code-lookup-whatsapp", phone = phone)
        }
        (Purpose::OrderLookup, Channel::Sms) => {
            message_parts!(text, "code-lookup-sms", phone = phone)
        }
        (Purpose::Phone, Channel::WhatsApp) => {
            message_parts!(text, "code-phone-whatsapp", phone = phone)
        }
        (Purpose::Phone, Channel::Sms) => message_parts!(text, "code-phone-sms", phone = phone),
        (Purpose::StepUp, Channel::WhatsApp) => {
            message_parts!(text, "code-step-up-whatsapp", phone = phone)
        }
        (Purpose::StepUp, Channel::Sms) => message_parts!(text, "code-step-up-sms", phone = phone),
        (Purpose::Payment, Channel::WhatsApp) => {
            message_parts!(text, "code-payment-whatsapp", phone = phone)
        }
        (Purpose::Payment, Channel::Sms) => message_parts!(text, "code-payment-sms", phone = phone),
    };
    let parts = parts.into_iter().map(|part| match part {
        Part::Plain(words) => Either::Left(words),
        Part::Isolated(phone) => Either::Right(view! { <bdi class="recipient">{phone}</bdi> }),
    });
    parts.collect_view()
}

/// The status of the message, and the text message once it is offered. Without script a link
/// refreshes the page.
#[component]
fn Progress(code: CodeView) -> impl IntoView {
    view! {
        <DeliveryState
            purpose=code.purpose.as_str().to_owned()
            status=code.delivery.as_str().to_owned()
            words=server::text().delivery(code.delivery, code.channel, code.problem)
            is_open={code.sms_in_seconds == Some(0)}
        >
            <Form action=routes::api::CODES_SMS anchor=code_field::NAME>
                <input type="hidden" name="purpose" value=code.purpose.as_str()/>
                <button class="button" type="submit">{t!("code-send-sms")}</button>
            </Form>
        </DeliveryState>
        <p class="look-again"><a href=path_here()>{t!("code-look-again")}</a></p>
    }
}

/// The field has no `maxlength`, which would cut a pasted message before its code is found.
#[component]
fn CodeField(minutes: u64, is_wrong: bool, has_focus: bool) -> impl IntoView {
    view! {
        <div class="field">
            <label for=code_field::NAME>{t!("code-label")}</label>
            <p class="hint" id="code-hint">
                {t!("code-hint", minutes = minutes)}
            </p>
            <input
                id=code_field::NAME
                name=code_field::NAME
                type="text"
                inputmode="numeric"
                autocomplete="one-time-code"
                spellcheck="false"
                required
                autofocus=has_focus
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=code_field::description(is_wrong)
            />
        </div>
    }
}

/// What helps when no code arrives.
#[component]
fn OtherWays(code: CodeView, start_again: StartAgain) -> impl IntoView {
    let restart = match code.purpose {
        Purpose::Login => t!("code-restart-sign-in"),
        Purpose::Reset => t!("code-restart-reset"),
        Purpose::Phone => t!("code-restart-phone"),
        Purpose::OrderLookup => t!("code-restart-lookup"),
        Purpose::StepUp => t!("code-restart-step-up"),
        Purpose::Payment => t!("code-restart-payment"),
    };
    let text_message = code.sms_in_seconds.map(|_| {
        view! {
            <li>{t!("code-offer-sms")}</li>
        }
    });
    // Every page of these purposes shows it. If only visitors whom it concerns saw it, it would
    // tell that an account exists. The other purposes refuse with the limit.
    let is_anonymous =
        matches!(code.purpose, Purpose::Reset | Purpose::Phone | Purpose::OrderLookup);
    let limits = is_anonymous.then(|| {
        view! {
            <li>{t_html!("code-limits", contact = server::text().contact())}</li>
        }
    });
    view! {
        <details class="other-ways">
            <summary>{t!("code-other-ways")}</summary>
            <ul class="stack-tight">
                <li>{t!("code-on-phone")}</li>
                <li>{t!("code-check-phone")}</li>
                {text_message}
                {limits}
                <li><Restart start_again words=restart is_main=false/></li>
            </ul>
        </details>
    }
}

/// The screen without a live code: what happened to it and how to get a new one, in one sentence,
/// which replaces the message about the last attempt.
#[component]
fn Ended(code: Option<CodeView>, start_again: StartAgain, flash: Flash) -> impl IntoView {
    let is_payment = code.as_ref().is_some_and(|code| code.purpose == Purpose::Payment);
    let restart = if is_payment { t!("code-review-order") } else { t!("start-again") };
    let sentence = ending(code.as_ref());
    let is_about_code = matches!(
        flash.refusal,
        Some(Refusal::WrongOrExpired { .. } | Refusal::NoChallenge | Refusal::OrderChanged)
    );
    let told = match is_about_code {
        true => Either::Left(view! {
            <div class="alert" role="alert" id="alert" tabindex="-1" autofocus><p>{sentence}</p></div>
        }),
        false => Either::Right(view! { <Alert flash/><p>{sentence}</p> }),
    };
    view! {
        {told}
        <Restart start_again words=restart is_main=true/>
    }
}

/// Why there is no code to enter, and what to do.
fn ending(code: Option<&CodeView>) -> String {
    let Some(code) = code else { return t!("code-ended-none") };
    let purpose = code.purpose.as_str();
    match code.state {
        ChallengeState::Expired | ChallengeState::Live => {
            t!("code-ended-expired", purpose = purpose)
        }
        ChallengeState::Consumed => t!("code-ended-used", purpose = purpose),
        ChallengeState::Exhausted => t!("code-ended-exhausted", purpose = purpose),
        ChallengeState::Revoked => t!("code-ended-replaced", purpose = purpose),
    }
}

/// A link to a new code, or a button where the code has to be cancelled.
#[component]
fn Restart(start_again: StartAgain, words: String, is_main: bool) -> impl IntoView {
    let look = is_main.then_some("button button-primary");
    match start_again {
        StartAgain::At(page) => Either::Left(view! { <a class=look href=page>{words}</a> }),
        StartAgain::By(action) => Either::Right(view! {
            <Form action=action>
                <button class=look.unwrap_or("button-link") type="submit">{words}</button>
            </Form>
        }),
    }
}

/// The newest code of a purpose in this browser.
pub async fn code_of(purpose: Purpose) -> shop::Result<Option<CodeView>> {
    expect_shop()?.codes().status(&expect_visitor()?, purpose).await
}
