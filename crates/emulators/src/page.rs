//! The page for people: the messages, then the request log. It has no scripts, and reloads itself
//! every two seconds.

use std::fmt::Write as _;

use crate::http::{ApiRequest, ApiResponse};
use crate::messages::{Channel, Message};
use crate::protocol::Protocol;
use crate::request_log::LoggedRequest;
use crate::state::State;

/// How many messages and how many requests the page shows.
const MAX_SHOWN: usize = 40;

pub(crate) const STYLE: &str = "
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--good:#1a7f4b;--bad:#b3261e}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0;opacity:.8}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.6rem}
.message{border:1px solid var(--line);border-radius:.8rem;padding:.7rem 1rem;display:grid;grid-template-columns:1fr auto;gap:.1rem 1rem}
.code{font:600 1.6rem/1.2 ui-monospace,monospace;letter-spacing:.1em;grid-row:span 2;align-self:center}
.text{white-space:pre-line;grid-column:1/-1;background:var(--soft);border-radius:.5rem;padding:.4rem .6rem}
.small{font-size:.85rem;opacity:.75}.read,.delivered{color:var(--good)}.failed,.bad{color:var(--bad)}
details{border:1px solid var(--line);border-radius:.5rem;padding:.3rem .7rem}
summary{cursor:pointer;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);border-radius:.5rem;padding:.5rem;margin:.4rem 0}
table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0;font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
";

pub(crate) fn show(state: &State, protocol: &dyn Protocol, request: &ApiRequest) -> ApiResponse {
    let (refresh, reload) = if request.query == "paused" {
        ("", "does not reload (<a href='/'>reload every two seconds</a>)")
    } else {
        (
            "<meta http-equiv=refresh content=2>",
            "reloads every two seconds (<a href='/?paused'>pause</a>)",
        )
    };
    let name = state.config.provider.name();
    let (heading, items) = protocol.page(state).unwrap_or_else(|| {
        let none = "No message has been accepted yet.";
        ("Messages", list(&state.messages.all(), message, none))
    });
    let requests = list(&state.request_log.all(), logged, "No request has been received yet.");
    let mut settings = String::new();
    for (setting, value) in state.config.account.settings(state.config.provider, &state.base_url) {
        let _ = write!(settings, "<tr><td>{setting}</td><td>{}</td></tr>", escape(&value));
    }
    let webhook = state.config.webhook.as_deref().unwrap_or("the address in each request");
    html(
        200,
        format!(
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>Emulator of {name}</title>\
         <meta name=viewport content='width=device-width'>{refresh}\
         <style>{STYLE}</style></head><body><h1>Emulator of {name}</h1>\
         <p>It responds as the provider does, and nothing leaves this machine. \
         Webhooks are sent to {}. This page {reload}.</p>\
         <h2>{heading}</h2>{items}<h2>Requests</h2>{requests}\
         <h2>Settings of the shop</h2><table>{settings}</table></body></html>",
            escape(webhook)
        ),
    )
}

/// A page without scripts.
pub(crate) fn html(status: u16, page: String) -> ApiResponse {
    let mut response = ApiResponse::empty(status)
        .with_header("cache-control", "no-store")
        .with_header("x-content-type-options", "nosniff")
        .with_header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    response.content_type = "text/html; charset=utf-8";
    response.body = page;
    response
}

/// The items, newest first.
pub(crate) fn list<T>(all: &[T], show: fn(&T) -> String, empty: &str) -> String {
    if all.is_empty() {
        return format!("<p>{empty}</p>");
    }
    let items: String = all.iter().rev().take(MAX_SHOWN).map(show).collect();
    format!("<ul>{items}</ul>")
}

fn message(message: &Message) -> String {
    let channel = match message.channel {
        Channel::Whatsapp => "WhatsApp",
        Channel::Sms => "SMS",
    };
    let template = match (&message.template, &message.language) {
        (Some(name), Some(language)) => format!(" · {name} ({language})"),
        (Some(name), None) => format!(" · {name}"),
        _ => String::new(),
    };
    let text =
        message.text.as_deref().map(|text| format!("<div class=text>{}</div>", escape(text)));
    format!(
        "<li class=message><strong>{}</strong><span class=code>{}</span>\
         <span class=small>{channel}{} · <span class={status}>{status}</span></span>{}</li>",
        escape(&message.to),
        escape(message.code.as_deref().unwrap_or("–")),
        escape(&template),
        text.unwrap_or_default(),
        status = escape(&message.status),
    )
}

fn logged(request: &LoggedRequest) -> String {
    let arrow = if request.direction == "in" { "shop → provider" } else { "provider → shop" };
    let status =
        request.status.map_or_else(|| String::from("no response"), |code| code.to_string());
    let is_good = request.status.is_some_and(|code| code < 400);
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let note = request.note.as_deref().map(|note| format!(" ({})", escape(note)));
    format!(
        "<li><details><summary>{} {arrow} {} {} <span class={}>{status}</span>{}</summary>\
         <pre>{}\n{}</pre><pre>{}</pre></details></li>",
        request.number,
        escape(&request.method),
        escape(&request.url),
        if is_good { "good" } else { "bad" },
        note.unwrap_or_default(),
        escape(&headers),
        escape(&request.body),
        escape(&request.response),
    )
}

/// Escapes text for HTML, in content and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
