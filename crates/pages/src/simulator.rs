//! The simulated phone, for the demo and for tests. Without script the page has to be reloaded;
//! with script it shows messages as they arrive.

use std::sync::Arc;

use domain::{DeliveryStatus, PhoneNumber, Purpose, Refusal};
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::Deserialize;
use shop::{ReceivedEmail, SimulatedFault, SimulatedMessage, Simulator, phones};
use web::{islands::SimulatorPhone, routes, server};

use super::{Page, PageContext, SubmitButton, dates::DateTime, expect_shop, page, path_here};

/// The faults of a phone, by their words in the form and the interface.
const FAULTS: [(&str, SimulatedFault); 7] = [
    ("none", SimulatedFault::None),
    ("slow", SimulatedFault::Slow),
    ("lost", SimulatedFault::Lost),
    ("undeliverable", SimulatedFault::Undeliverable),
    ("provider_down", SimulatedFault::ProviderDown),
    ("duplicate", SimulatedFault::Duplicate),
    ("out_of_order", SimulatedFault::OutOfOrder),
];

fn fault_label(fault: SimulatedFault) -> String {
    match fault {
        SimulatedFault::None => t!("fault-none"),
        SimulatedFault::Slow => t!("fault-slow"),
        SimulatedFault::Lost => t!("fault-lost"),
        SimulatedFault::Undeliverable => t!("fault-undeliverable"),
        SimulatedFault::ProviderDown => t!("fault-provider-down"),
        SimulatedFault::Duplicate => t!("fault-duplicate"),
        SimulatedFault::OutOfOrder => t!("fault-out-of-order"),
    }
}

/// How the phone is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SimulatorQuery {
    /// The phone is locked: messages show as notifications and stay unread.
    #[serde(default)]
    locked: bool,
}

impl SimulatorQuery {
    /// The chat is open.
    pub const OPEN: Self = Self { locked: false };
    /// The phone is locked.
    pub const LOCKED: Self = Self { locked: true };
}

/// The simulator of this shop; not found with real providers.
fn expect_simulator() -> shop::Result<Arc<Simulator>> {
    PageContext::current().simulator.ok_or_else(|| Refusal::NotFound.into())
}

/// Marks the messages of an open chat as read; those on a locked phone stay unread.
pub fn look(simulator: &Simulator, phone: &PhoneNumber, glance: SimulatorQuery) {
    if glance == SimulatorQuery::OPEN {
        simulator.mark_read(phone);
    }
}

/// The link from a code page to the simulated phone that got the code; nothing without a
/// simulator. It is the same for all visitors: the route finds the phone, if there is one, so
/// that the page does not tell whether an account exists.
#[component]
pub fn SimulatedPhoneLink(
    /// What the code is for.
    purpose: Purpose,
) -> impl IntoView {
    expect_simulator().ok().map(|_| {
        view! {
            <p class="demo-bar">
                {t!("simulator-demo")}" "
                <a href=routes::simulator::code(purpose.as_str()) target="_blank" rel="noopener">
                    {t!("simulator-open-demo")}<span class="visually-hidden">" "{t!("new-tab")}</span>
                </a>
            </p>
        }
    })
}

/// All phones.
#[component]
pub fn SimulatorPage() -> impl IntoView {
    let is_wrong = use_query_map().read_untracked().get("wrong").is_some();
    page(async move {
        let simulator = expect_simulator()?;
        let chats = simulator.chats();
        let is_empty = chats.is_empty();
        let chats = chats.into_iter().map(move |phone| {
            let last = simulator.messages(&phone).into_iter().next();
            view! { <Chat phone last/> }
        });
        Ok(view! {
            <Page title=t!("simulator-title") private=true>
                <div class="narrow stack-loose">
                    <h1>{t!("simulator-title")}</h1>
                    <p>{t!("simulator-about")}</p>
                    <form class="stack" method="get" action=routes::simulator::FIND>
                        <NumberField is_wrong/>
                        <SubmitButton label=t!("simulator-open")/>
                    </form>
                    {is_empty.then(|| view! { <p class="muted">{t!("simulator-no-messages")}</p> })}
                    <ul class="order-rows">{chats.collect_view()}</ul>
                    <Emails/>
                    <FaultForm/>
                </div>
            </Page>
        })
    })
}

#[component]
fn Chat(phone: PhoneNumber, #[prop(into)] last: Option<SimulatedMessage>) -> impl IntoView {
    view! {
        <li class="line stack-tight">
            <a class="strong" href=routes::simulated_phone(&phone)><bdi>{phone.expose().to_owned()}</bdi></a>
            <bdi class="muted small">{last.map(|message| message.text)}</bdi>
        </li>
    }
}

/// The e-mails of the demo, newest first.
#[component]
fn Emails() -> impl IntoView {
    PageContext::current().mailbox.map(|mailbox| {
        let emails = mailbox.received();
        let is_empty = emails.is_empty();
        let rows = emails.into_iter().map(|email| view! { <Email email/> });
        view! {
            <section class="stack" aria-labelledby="emails-title">
                <h2 id="emails-title">{t!("simulator-emails")}</h2>
                {is_empty.then(|| view! { <p class="muted">{t!("simulator-no-emails")}</p> })}
                <ul class="stack-tight">{rows.collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn Email(email: ReceivedEmail) -> impl IntoView {
    let paragraphs = email.text.body.lines().filter(|line| !line.is_empty()).map(|line| {
        let words = line.to_owned();
        match line.starts_with("http") {
            true => Either::Left(view! { <p><a href=words.clone()>{words.clone()}</a></p> }),
            false => Either::Right(view! { <p>{words}</p> }),
        }
    });
    view! {
        <li>
            <details>
                <summary>{format!("{} · {}", email.text.subject, email.to.as_str())}</summary>
                {paragraphs.collect_view()}
                <p class="muted small"><DateTime at=email.at/></p>
            </details>
        </li>
    }
}

#[component]
fn NumberField(is_wrong: bool) -> impl IntoView {
    let problem = is_wrong.then(|| t!("simulator-number-problem"));
    view! {
        <super::TextField label=t!("simulator-number") name="phone" kind="tel" autocomplete="off" problem/>
    }
}

/// One phone.
#[component]
pub fn SimulatedPhonePage() -> impl IntoView {
    let number = use_params_map().read_untracked().get("phone").unwrap_or_default();
    let is_locked = use_query_map().read_untracked().get("locked").is_some();
    page(async move {
        let simulator = expect_simulator()?;
        let phone = phones::parse(&number, expect_shop()?.settings())?;
        let glance = if is_locked { SimulatorQuery::LOCKED } else { SimulatorQuery::OPEN };
        look(&simulator, &phone, glance);
        let sender = expect_shop()?.settings().shop_name.clone();
        let messages = simulator.messages(&phone);
        let here = routes::simulated_phone(&phone);
        let events = format!("{}?locked={is_locked}", routes::simulator::events(&phone));
        let toggle = match glance.locked {
            true => (here.clone(), t!("simulator-unlock")),
            false => (format!("{here}?locked=yes"), t!("simulator-lock")),
        };
        let title = t!("simulator-phone-title", phone = phone.expose());
        let current = simulator.fault(&phone);
        Ok(view! {
            <Page title private=true>
                <div class="simulator">
                    <h1>{t_html!("simulator-phone-title", phone = phone.expose())}</h1>
                    <p class="cluster">
                        <a href=toggle.0>{toggle.1}</a>
                        <a href=path_here()>{t!("simulator-refresh")}</a>
                        <a href=routes::SIMULATOR>{t!("simulator-all")}</a>
                    </p>
                    <div class="phone" class:phone-locked=glance.locked>
                        <SimulatorPhone address=events copied_text=t!("simulator-copied")>
                            <Screen messages glance sender/>
                        </SimulatorPhone>
                    </div>
                    <FaultForm phone current/>
                </div>
            </Page>
        })
    })
}

/// The screen of the phone.
#[component]
pub fn Screen(
    /// The messages, newest first.
    messages: Vec<SimulatedMessage>,
    /// How the phone is shown.
    glance: SimulatorQuery,
    /// The sender of the messages.
    sender: String,
) -> impl IntoView {
    if glance.locked {
        let notes = messages.into_iter().take(4).map(|message| {
            view! {
                <li class="phone-note">
                    <span class="strong">{t!("whatsapp")}</span>
                    <span class="phone-time">{server::text().time_of_day(message.sent_at)}</span>
                    <p dir="auto">{message.text}</p>
                </li>
            }
        });
        return Either::Left(view! {
            <p class="phone-lock">{t!("simulator-locked")}</p>
            <ul class="phone-notes" aria-label=t!("simulator-notifications")>{notes.collect_view()}</ul>
        });
    }
    let is_empty = messages.is_empty();
    let bubbles = messages.into_iter().rev().map(|message| view! { <Bubble message/> });
    Either::Right(view! {
        <p class="phone-bar"><bdi>{sender}</bdi><span class="small">{t!("simulator-business")}</span></p>
        {is_empty.then(|| view! { <p class="phone-empty">{t!("simulator-no-messages")}</p> })}
        <ol class="phone-chat" aria-label=t!("simulator-messages")>{bubbles.collect_view()}</ol>
    })
}

#[component]
fn Bubble(message: SimulatedMessage) -> impl IntoView {
    let copy = message.code.map(|code| {
        view! { <button class="phone-copy" type="button" data-code=code>{t!("simulator-copy")}</button> }
    });
    let ticks = match message.status {
        DeliveryStatus::Read => t!("simulator-read"),
        DeliveryStatus::Delivered => t!("simulator-delivered"),
        _ => t!("simulator-sent"),
    };
    view! {
        <li class="phone-bubble">
            <p dir="auto">{message.text}</p>
            <p class="phone-time">
                {server::text().time_of_day(message.sent_at)}
                <svg
                    class="phone-ticks"
                    class:phone-ticks-read=message.status == DeliveryStatus::Read
                    viewBox="0 0 18 10"
                    width="18"
                    height="10"
                    role="img"
                    aria-label=ticks
                >
                    <path fill="none" stroke="currentColor" stroke-width="1.600" d="M1 5l3 3 6-7M8 8l1 .500 7-8"/>
                </svg>
            </p>
            {copy}
        </li>
    }
}

/// The switches for faults, of one phone or of all phones.
#[component]
fn FaultForm(
    /// The phone; `None` for all phones.
    #[prop(optional)]
    phone: Option<PhoneNumber>,
    /// The current faults.
    #[prop(optional)]
    current: SimulatedFault,
) -> impl IntoView {
    let whose = if phone.is_some() { t!("simulator-fault-one") } else { t!("simulator-fault-all") };
    let options = FAULTS.map(|(name, fault)| {
        view! { <option value=name selected=fault == current>{fault_label(fault)}</option> }
    });
    view! {
        <form class="card stack" method="post" action=routes::simulator::FAULTS>
            {phone.map(|phone| view! { <input type="hidden" name="phone" value=phone.expose().to_owned()/> })}
            <div class="field">
                <label for="fault">{whose}</label>
                <select id="fault" name="fault">{options.into_iter().collect_view()}</select>
            </div>
            <button class="button" type="submit">{t!("simulator-fault-set")}</button>
        </form>
    }
}
