//! The screen that asks for a code: one component, wherever a code is asked for.
//!
//! Without script it is two plain forms and a link that refreshes; with script
//! the same forms are answered in place and the message's way is told live.

use domain::{Channel, Purpose};
use leptos::{either::Either, prelude::*};
use shop::codes::CodeView;
use web::{
    islands::{CodeForm, CodeFormText, Countdown, DeliveryState},
    routes,
    server::{self, Flash},
};

use super::{
    Alert, SubmitButton, expect_shop, expect_visitor, path_here, simulator::SimulatedPhoneLink,
};

/// How one comes from a code to a new one.
#[derive(Clone, Copy)]
pub enum StartAgain {
    /// By a page that asks for one; a new code ends the one before.
    At(&'static str),
    /// By a form that gives the code up: its page shows it for as long as it lives.
    By(&'static str),
}

/// The screen. Children stand inside the form, between field and button.
#[component]
pub fn CodeScreen(
    /// The code as its browser may see it; `None` if none was asked for.
    #[prop(into)]
    code: Option<CodeView>,
    /// Where the code is posted.
    action: &'static str,
    /// What the button says, if not that the code is verified.
    #[prop(optional, into)]
    button: Option<String>,
    /// How a new code can be asked for.
    start_again: StartAgain,
    /// What the last attempt led to.
    flash: Flash,
    /// More of the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let Some(code) = code.filter(|code| code.is_live) else {
        return Either::Left(view! { <Ended start_again flash/> });
    };
    let alert = flash.alert().unwrap_or_default();
    let has_alert = !alert.is_empty();
    let said = Flash { refusal: None, fault: None, ..flash };
    let (before, after) = destination(code.purpose, code.channel);
    let seconds = if code.resends_left == 0 { 0 } else { code.resend_in_seconds };
    Either::Right(view! {
        <SimulatedPhoneLink purpose=code.purpose/>
        <p class="lead">{before}<span class="recipient">{code.masked_phone.clone()}</span>{after}</p>
        <Progress code=code.clone()/>
        <Alert flash=said/>
        <CodeForm seconds alert text=form_text()>
            <form class="stack" method="post" action=action novalidate>
                <CodeField minutes=code.minutes is_wrong=has_alert/>
                {children.map(|children| children())}
                <SubmitButton label=button.unwrap_or_else(|| t!("code-verify"))/>
            </form>
            <form class="resend" method="post" action=routes::api::CODES_RESEND>
                <input type="hidden" name="purpose" value=code.purpose.as_str()/>
                <button class="button" type="submit">{t!("code-resend")}</button>
            </form>
        </CodeForm>
        <OtherWays code start_again/>
    })
}

/// What the form says in the browser.
fn form_text() -> CodeFormText {
    /// No code makes its visitor wait longer than it lives.
    const MAX_COUNTDOWN_SECONDS: u32 = 600;
    let wait = Countdown::new(MAX_COUNTDOWN_SECONDS, |seconds| match seconds {
        0 => String::new(),
        _ => t!("code-resend-wait", count = seconds),
    });
    CodeFormText { wait, sent_again: t!("flash-code-sent-again"), unreachable: t!("unreachable") }
}

/// Where the code went, before and after the number. After a password reset was asked for,
/// the words do not tell whether there is an account.
fn destination(purpose: Purpose, channel: Channel) -> (String, String) {
    let phone = ::text::SLOT;
    let message = match (purpose, channel) {
        (Purpose::Login, Channel::WhatsApp) => t!("code-sign-in-whatsapp", phone = phone),
        (Purpose::Login, Channel::Sms) => t!("code-sign-in-sms", phone = phone),
        (Purpose::Reset, Channel::WhatsApp) => t!("code-reset-whatsapp", phone = phone),
        (Purpose::Reset, Channel::Sms) => t!("code-reset-sms", phone = phone),
        (Purpose::Phone, Channel::WhatsApp) => t!("code-phone-whatsapp", phone = phone),
        (Purpose::Phone, Channel::Sms) => t!("code-phone-sms", phone = phone),
        (Purpose::StepUp, Channel::WhatsApp) => t!("code-step-up-whatsapp", phone = phone),
        (Purpose::StepUp, Channel::Sms) => t!("code-step-up-sms", phone = phone),
        (Purpose::Payment, Channel::WhatsApp) => t!("code-payment-whatsapp", phone = phone),
        (Purpose::Payment, Channel::Sms) => t!("code-payment-sms", phone = phone),
    };
    ::text::split(&message)
}

/// How far the message has come, and the text message once it is offered. A link
/// looks again where no script does.
#[component]
fn Progress(code: CodeView) -> impl IntoView {
    view! {
        <DeliveryState
            purpose=code.purpose.as_str().to_owned()
            status=code.delivery.as_str().to_owned()
            words=server::text().delivery(code.delivery, code.channel, code.problem)
            is_open={code.sms_in_seconds == Some(0)}
        >
            <form method="post" action=routes::api::CODES_SMS>
                <input type="hidden" name="purpose" value=code.purpose.as_str()/>
                <button class="button" type="submit">{t!("code-send-sms")}</button>
            </form>
        </DeliveryState>
        <p class="look-again"><a href=path_here()>{t!("code-look-again")}</a></p>
    }
}

#[component]
fn CodeField(minutes: u64, is_wrong: bool) -> impl IntoView {
    view! {
        <div class="field">
            <label for="code">{t!("code-label")}</label>
            <p class="hint" id="code-hint">
                {t!("code-hint", minutes = minutes)}
            </p>
            <input
                id="code"
                name="code"
                type="text"
                inputmode="numeric"
                autocomplete="one-time-code"
                maxlength="16"
                spellcheck="false"
                required
                autofocus=!is_wrong
                aria-invalid=is_wrong.then_some("true")
                aria-describedby="code-hint"
            />
        </div>
    }
}

/// What can be done when no code comes: only what really helps.
#[component]
fn OtherWays(code: CodeView, start_again: StartAgain) -> impl IntoView {
    let restart = match code.purpose {
        Purpose::Login => t!("code-restart-sign-in"),
        Purpose::Reset => t!("code-restart-reset"),
        Purpose::Phone => t!("code-restart-phone"),
        Purpose::StepUp => t!("code-restart-step-up"),
        Purpose::Payment => t!("code-restart-payment"),
    };
    let text_message = code.sms_in_seconds.map(|_| {
        view! {
            <li>{t!("code-offer-sms")}</li>
        }
    });
    // Shown on every page of these purposes: shown to those whom it concerns alone, it would
    // tell that an account exists. Elsewhere a limit is told by a refusal.
    let is_anonymous = matches!(code.purpose, Purpose::Reset | Purpose::Phone);
    let limits = is_anonymous.then(|| {
        view! {
            <li>{t!("code-limits")}</li>
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

/// There is no living code: what happened, and the way to a new one.
#[component]
fn Ended(start_again: StartAgain, flash: Flash) -> impl IntoView {
    view! {
        <Alert flash/>
        <p>{t!("code-ended")}</p>
        <Restart start_again words=t!("start-again") is_main=true/>
    }
}

/// The way to a new code: a link, or a button where the code has to be given up.
#[component]
fn Restart(start_again: StartAgain, words: String, is_main: bool) -> impl IntoView {
    let look = is_main.then_some("button button-primary");
    match start_again {
        StartAgain::At(page) => Either::Left(view! { <a class=look href=page>{words}</a> }),
        StartAgain::By(action) => Either::Right(view! {
            <form method="post" action=action>
                <button class=look.unwrap_or("button-link") type="submit">{words}</button>
            </form>
        }),
    }
}

/// This browser's code of a purpose.
pub async fn code_of(purpose: Purpose) -> shop::Result<Option<CodeView>> {
    expect_shop()?.codes().status(&expect_visitor()?, purpose).await
}
