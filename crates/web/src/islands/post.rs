//! Posts a form as the browser would, but stays on the page.

use js_sys::{JSON, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, HtmlFormElement, RequestInit, Response, SubmitEvent, UrlSearchParams};

/// The response to a form.
pub enum Answer {
    /// It succeeded, with this body.
    Done(String),
    /// It was refused, or the server could not be reached.
    Refused {
        /// The message for people.
        message: String,
        /// Whether what was typed is wrong.
        is_input: bool,
    },
}

/// Handles a submit event: posts its form and passes the response to `then`. A response with
/// a `Location` is followed instead. Without a response, `then` gets the text `unreachable`.
/// If anything about the event is unexpected, the browser submits the form itself.
pub fn post_form(
    event: &SubmitEvent,
    is_busy: RwSignal<bool>,
    unreachable: String,
    then: impl FnOnce(Answer) + 'static,
) {
    let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else { return };
    let Some(fields) = fields(&form) else { return };
    event.prevent_default();
    if is_busy.get_untracked() {
        return;
    }
    is_busy.set(true);
    let address = form.action();
    spawn_local(async move {
        match send(&address, &fields, &unreachable).await {
            Ok(None) => {}
            Ok(Some(answer)) => {
                is_busy.set(false);
                then(answer);
            }
            Err(_) => {
                is_busy.set(false);
                then(Answer::Refused { message: unreachable, is_input: false });
            }
        }
    });
}

fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let fields = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
}

/// `None` when the browser is on its way to another page.
async fn send(
    address: &str,
    fields: &UrlSearchParams,
    unreachable: &str,
) -> Result<Option<Answer>, JsValue> {
    /// Unprocessable content: the server refuses what was typed (RFC 9110, 15.5.21).
    const WRONG_INPUT: u16 = 422;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(fields);
    let window = window();
    let response = JsFuture::from(window.fetch_with_str_and_init(address, &request)).await?;
    let response: Response = response.dyn_into()?;
    if let Some(path) = response.headers().get("location")? {
        window.location().assign(&path)?;
        return Ok(None);
    }
    let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok(Some(match response.ok() {
        true => Answer::Done(body),
        false => Answer::Refused {
            message: message(&body)
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| unreachable.to_owned()),
            is_input: response.status() == WRONG_INPUT,
        },
    }))
}

/// The message in the server's JSON.
fn message(body: &str) -> Option<String> {
    Reflect::get(&JSON::parse(body).ok()?, &"message".into()).ok()?.as_string()
}
