//! The page for people: the phones on top, the wire below. No scripts; it
//! loads itself anew every two seconds.

use std::fmt::Write as _;

use crate::call::{Answer, Call};
use crate::phones::{Channel, Message};
use crate::state::State;
use crate::wire::Exchange;

/// How many messages and exchanges the page shows.
const SHOWN: usize = 40;

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--good:#1a7f4b;--bad:#b3261e}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0;opacity:.8}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.6rem}
.phone{border:1px solid var(--line);border-radius:.8rem;padding:.7rem 1rem;display:grid;grid-template-columns:1fr auto;gap:.1rem 1rem}
.code{font:600 1.6rem/1.2 ui-monospace,monospace;letter-spacing:.1em;grid-row:span 2;align-self:center}
.text{white-space:pre-line;grid-column:1/-1;background:var(--soft);border-radius:.5rem;padding:.4rem .6rem}
.small{font-size:.85rem;opacity:.75}.read,.delivered{color:var(--good)}.failed,.bad{color:var(--bad)}
details{border:1px solid var(--line);border-radius:.5rem;padding:.3rem .7rem}
summary{cursor:pointer;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);border-radius:.5rem;padding:.5rem;margin:.4rem 0}
table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0;font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
";

/// The page.
pub(crate) fn show(state: &State, call: &Call) -> Answer {
    let (refresh, other) = if call.query == "still" {
        ("", "stands still (<a href='/'>go on</a>)")
    } else {
        (
            "<meta http-equiv=refresh content=2>",
            "follows by itself (<a href='/?still'>stand still</a>)",
        )
    };
    let name = state.config.provider.name();
    let phones = list(&state.phones.all(), phone, "Nobody has received anything yet.");
    let wire = list(&state.wire.all(), exchange, "Nothing has been on the wire yet.");
    let mut settings = String::new();
    for (setting, value) in state.config.account.settings(state.config.provider, &state.base_url) {
        let _ = write!(settings, "<tr><td>{setting}</td><td>{}</td></tr>", escape(&value));
    }
    let webhook = state.config.webhook.as_deref().unwrap_or("the address that each request names");
    let mut answer = Answer::empty(200)
        .with("cache-control", "no-store")
        .with("x-content-type-options", "nosniff")
        .with("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    answer.content_type = "text/html; charset=utf-8";
    answer.body = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Emulator of {name}</title>\
         <meta name=viewport content='width=device-width'>{refresh}\
         <style>{STYLE}</style></head><body><h1>Emulator of {name}</h1>\
         <p>It answers as the provider does, and no message leaves this machine. \
         Reports go to {}. This page {other}.</p>\
         <h2>Phones</h2>{phones}<h2>Wire</h2>{wire}\
         <h2>Settings of the shop</h2><table>{settings}</table></body></html>",
        escape(webhook)
    );
    answer
}

/// The latest first.
fn list<T>(all: &[T], show: fn(&T) -> String, nothing: &str) -> String {
    if all.is_empty() {
        return format!("<p>{nothing}</p>");
    }
    let items: String = all.iter().rev().take(SHOWN).map(show).collect();
    format!("<ul>{items}</ul>")
}

fn phone(message: &Message) -> String {
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
        "<li class=phone><strong>{}</strong><span class=code>{}</span>\
         <span class=small>{channel}{} · <span class={status}>{status}</span></span>{}</li>",
        escape(&message.to),
        escape(message.code.as_deref().unwrap_or("–")),
        escape(&template),
        text.unwrap_or_default(),
        status = escape(&message.status),
    )
}

fn exchange(exchange: &Exchange) -> String {
    let arrow = if exchange.direction == "in" { "shop → provider" } else { "provider → shop" };
    let status = exchange.status.map_or_else(|| String::from("no answer"), |code| code.to_string());
    let is_good = exchange.status.is_some_and(|code| code < 400);
    let headers: String =
        exchange.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let note = exchange.note.as_deref().map(|note| format!(" ({})", escape(note)));
    format!(
        "<li><details><summary>{} {arrow} {} {} <span class={}>{status}</span>{}</summary>\
         <pre>{}\n{}</pre><pre>{}</pre></details></li>",
        exchange.number,
        escape(&exchange.method),
        escape(&exchange.url),
        if is_good { "good" } else { "bad" },
        note.unwrap_or_default(),
        escape(&headers),
        escape(&exchange.body),
        escape(&exchange.answer),
    )
}

/// Text that cannot become markup.
fn escape(text: &str) -> String {
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
