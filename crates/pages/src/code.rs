//! The screen that asks for a code: one component, wherever a code is asked for.
//!
//! Without script it is two plain forms and a link that refreshes; with script
//! the same forms are answered in place and the message's way is told live.

use domain::{Channel, Purpose};
use leptos::{either::Either, prelude::*};
use shop::codes::CodeView;
use web::{
    islands::{CodeForm, DeliveryState},
    routes,
    server::Flash,
    text,
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
    /// What the button says.
    #[prop(default = "Verify code")]
    button: &'static str,
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
        <CodeForm seconds alert>
            <form class="stack" method="post" action=action novalidate>
                <CodeField minutes=code.minutes is_wrong=has_alert/>
                {children.map(|children| children())}
                <SubmitButton label=button/>
            </form>
            <form class="resend" method="post" action=routes::api::CODES_RESEND>
                <input type="hidden" name="purpose" value=code.purpose.as_str()/>
                <button class="button" type="submit">"Send the code again"</button>
            </form>
        </CodeForm>
        <OtherWays code start_again/>
    })
}

/// Where the code went, before and after the number. After a password reset was asked for,
/// the words do not tell whether there is an account.
fn destination(purpose: Purpose, channel: Channel) -> (String, &'static str) {
    let way = match channel {
        Channel::WhatsApp => "code is on its way to WhatsApp on",
        Channel::Sms => "code is on its way by text message to",
    };
    match purpose {
        Purpose::Login => (format!("A {way} "), "."),
        Purpose::Reset => (format!("If we know this e-mail or number, a {way} "), "."),
        Purpose::Phone => {
            (format!("A {way} "), ". A number that already has an account gets a note instead.")
        }
        Purpose::StepUp => {
            (format!("A {way} "), ". It confirms that it is you who changes your account.")
        }
        Purpose::Payment => {
            (format!("A {way} "), ". It confirms exactly what you see on this page.")
        }
    }
}

/// How far the message has come, and the text message once it is offered. A link
/// looks again where no script does.
#[component]
fn Progress(code: CodeView) -> impl IntoView {
    view! {
        <DeliveryState
            purpose=code.purpose.as_str().to_owned()
            status=code.delivery.as_str().to_owned()
            words=delivery(&code).to_owned()
            is_open={code.sms_in_seconds == Some(0)}
        >
            <form method="post" action=routes::api::CODES_SMS>
                <input type="hidden" name="purpose" value=code.purpose.as_str()/>
                <button class="button" type="submit">"Send by text message"</button>
            </form>
        </DeliveryState>
        <p class="look-again"><a href=path_here()>"Check again where your message is"</a></p>
    }
}

/// How far the message with a code has come, in words.
pub fn delivery(code: &CodeView) -> &'static str {
    text::delivery(code.delivery, code.channel, code.problem)
}

#[component]
fn CodeField(minutes: u64, is_wrong: bool) -> impl IntoView {
    view! {
        <div class="field">
            <label for="code">"6-digit code"</label>
            <p class="hint" id="code-hint">
                {format!("Look at your phone. The code is valid for {minutes} minutes. Spaces do not matter.")}
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
        Purpose::Login => "Sign in again, for a new code",
        Purpose::Reset => "Use another e-mail or number",
        Purpose::Phone => "Use another number",
        Purpose::StepUp => "Give your password again, for a new code",
        Purpose::Payment => "Go back to your order",
    };
    let text_message = code.sms_in_seconds.map(|_| {
        view! {
            <li>"If WhatsApp does not bring it within half a minute, we can send the same code by text message: a button for it appears above."</li>
        }
    });
    // Shown on every page of these purposes: shown to those whom it concerns alone, it would
    // tell that an account exists. Elsewhere a limit is told by a refusal.
    let is_anonymous = matches!(code.purpose, Purpose::Reset | Purpose::Phone);
    let limits = is_anonymous.then(|| {
        view! {
            <li>"One phone gets only so many codes an hour and a day, and none for a while after wrong ones. If nothing comes, wait an hour and start again. After very many wrong ones we switch codes off and tell the phone; then ask the shop."</li>
        }
    });
    view! {
        <details class="other-ways">
            <summary>"Use another way"</summary>
            <ul class="stack-tight">
                <li>"Codes come by WhatsApp. Open it on the phone itself: linked computers hide them."</li>
                <li>"Check that the phone is on and connected, then send the code again."</li>
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
        <p>"There is no code to enter here: it was used, its time is over, or too many wrong ones were tried."</p>
        <Restart start_again words="Start again" is_main=true/>
    }
}

/// The way to a new code: a link, or a button where the code has to be given up.
#[component]
fn Restart(start_again: StartAgain, words: &'static str, is_main: bool) -> impl IntoView {
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
