//! The log of messages with their status. Numbers are masked, and codes are never stored.

use domain::{DeliveryProblem, DeliveryStatus, MessageKind, Purpose};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shop::merchant::MessageView;
use web::routes;

use super::{
    super::{Alert, dates::DateTime, expect_shop, expect_visitor, page, take_flash},
    Frame,
};

/// The log of messages.
#[component]
pub fn MessagesPage() -> impl IntoView {
    let after = use_query_map().get_untracked().get("after");
    page(async move {
        let shop = expect_shop()?;
        let messages = shop.merchant(&expect_visitor()?)?.messages(after.as_deref()).await?;
        let flash = take_flash()?;
        let more = messages.next.map(|after| routes::list_after(routes::MERCHANT_MESSAGES, after));
        Ok(view! {
            <Frame title=t!("merchant-messages") tab=routes::MERCHANT_MESSAGES>
                <Alert flash/>
                <Table messages=messages.messages/>
                {more.map(|address| view! {
                    <p class="more"><a class="button" href=address rel="next">{t!("show-more")}</a></p>
                })}
            </Frame>
        })
    })
}

#[component]
fn Table(messages: Vec<MessageView>) -> impl IntoView {
    if messages.is_empty() {
        return view! { <p class="empty muted">{t!("messages-none")}</p> }.into_any();
    }
    let rows = messages.into_iter().map(|message| {
        view! {
            <tr>
                <td><DateTime at=message.created_at/></td>
                <td>{kind_label(message.kind)}</td>
                <td><bdi>{message.masked_phone}</bdi></td>
                <td>{format!("{} · {}", message.channel.as_str(), message.provider)}</td>
                <td>
                    <Delivery status=message.status/>
                    {reason(message.problem, message.failure).map(|why| view! { <p class="hint">{why}</p> })}
                </td>
            </tr>
        }
    });
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label=t!("merchant-messages")>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t!("messages-time")}</th>
                        <th scope="col">{t!("messages-for")}</th>
                        <th scope="col">{t!("messages-to")}</th>
                        <th scope="col">{t!("messages-by")}</th>
                        <th scope="col">{t!("messages-state")}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Why a message failed: in the page's language if the shop gave it up, or else in the provider's
/// own words.
fn reason(problem: Option<DeliveryProblem>, failure: Option<String>) -> Option<String> {
    match problem {
        Some(DeliveryProblem::Late) => Some(t!("message-late")),
        _ => failure,
    }
}

fn kind_label(kind: MessageKind) -> String {
    match kind {
        MessageKind::Code(Purpose::Login) => t!("message-kind-login"),
        MessageKind::Code(Purpose::Reset) => t!("message-kind-reset"),
        MessageKind::Code(Purpose::Phone) => t!("message-kind-phone"),
        MessageKind::Code(Purpose::StepUp) => t!("message-kind-step-up"),
        MessageKind::Code(Purpose::OrderLookup) => t!("message-kind-order-lookup"),
        MessageKind::Code(Purpose::Payment) => t!("message-kind-payment"),
        MessageKind::AccountExists => t!("message-kind-account-exists"),
        MessageKind::PhoneChanged => t!("message-kind-phone-changed"),
        MessageKind::PasswordChanged => t!("message-kind-password-changed"),
        MessageKind::SignInRefused => t!("message-kind-sign-in-refused"),
        MessageKind::CodeReused => t!("message-kind-code-reused"),
        MessageKind::CodesSoonOff => t!("message-kind-codes-soon-off"),
        MessageKind::AccountDeleted => t!("message-kind-account-deleted"),
        MessageKind::SignInDisplaced => t!("message-kind-sign-in-displaced"),
        MessageKind::RecoveryCodeUsed => t!("message-kind-recovery-code-used"),
        MessageKind::PhoneChangeRequested => t!("message-kind-phone-change-requested"),
    }
}

#[component]
fn Delivery(status: DeliveryStatus) -> impl IntoView {
    let (words, class) = match status {
        DeliveryStatus::Queued => (t!("message-queued"), "badge"),
        DeliveryStatus::Accepted => (t!("message-accepted"), "badge"),
        DeliveryStatus::Sent => (t!("message-sent"), "badge"),
        DeliveryStatus::Delivered => (t!("message-delivered"), "badge badge-good"),
        DeliveryStatus::Read => (t!("message-read"), "badge badge-good"),
        DeliveryStatus::Failed => (t!("message-failed"), "badge badge-bad"),
    };
    view! { <span class=class>{words}</span> }
}
