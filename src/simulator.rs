//! The routes of the simulated phones: their events, their faults, and the JSON interface
//! from which tests read codes. Without a simulator there are no such routes.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Form, Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{Language, PhoneNumber, Purpose};
use futures::{Stream, stream};
use leptos::prelude::*;
use pages::{
    dates,
    simulator::{Screen, SimulatorQuery, look},
};
use serde::{Deserialize, Serialize};
use shop::{SimulatedFault, SimulatedMessage, Simulator, Visitor, phones};
use text::Text;
use tokio::sync::broadcast::error::RecvError;
use web::{routes, server::RequestTrace};

use crate::{AppState, events, layers::refuse};

/// How far the demo's clock may be moved at once, in seconds: ten years.
const MAX_CLOCK_ADVANCE_SECONDS: u64 = 10 * 366 * 24 * 60 * 60;

/// The routes; none without a simulator.
pub fn routes(state: &AppState) -> Router<AppState> {
    if state.simulator.is_none() {
        return Router::new();
    }
    Router::new()
        .route(routes::simulator::FIND, get(find))
        .route(routes::simulator::CODE, get(find_by_code))
        .route(routes::simulator::FAULTS, post(set_fault_by_form))
        .route(routes::simulator::EVENTS, get(follow))
        .route(routes::simulator::API_MESSAGES, get(messages))
        .route(routes::simulator::API_FAULTS, post(set_fault))
        .route(routes::simulator::API_CLOCK, post(move_clock))
}

/// Why a request to the simulator was refused.
enum SimulatorError {
    /// There is no simulator, or no such purpose of codes.
    Absent,
    /// What was typed is no phone number, as this text explains.
    Phone(String),
    /// The database failed.
    Unavailable,
}

impl IntoResponse for SimulatorError {
    fn into_response(self) -> Response {
        match self {
            Self::Absent => StatusCode::NOT_FOUND.into_response(),
            Self::Phone(problem) => (StatusCode::UNPROCESSABLE_ENTITY, problem).into_response(),
            Self::Unavailable => {
                refuse(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.")
            }
        }
    }
}

fn simulator(state: &AppState) -> Result<Arc<Simulator>, SimulatorError> {
    state.simulator.clone().ok_or(SimulatorError::Absent)
}

fn read_phone(state: &AppState, text: &str) -> Result<PhoneNumber, SimulatorError> {
    // The interface speaks English to every program.
    phones::parse(text, state.shop.settings())
        .map_err(|problem| SimulatorError::Phone(state.text(Language::English).problem(problem)))
}

#[derive(Deserialize)]
struct PhoneQuery {
    #[serde(default)]
    phone: String,
}

/// From the number form to the phone's page.
async fn find(State(state): State<AppState>, Query(query): Query<PhoneQuery>) -> Response {
    match phones::parse(&query.phone, state.shop.settings()) {
        Ok(phone) => Redirect::to(&routes::simulated_phone(&phone)).into_response(),
        Err(_) => Redirect::to(&routes::simulator_after_wrong_number()).into_response(),
    }
}

/// Redirects from a code page to the phone that got the message of this browser, or to the list
/// of all phones if none did. It redirects only to a phone of that list, so that it shows no
/// number that the simulator does not show anyway.
async fn find_by_code(
    State(state): State<AppState>,
    Path(purpose): Path<String>,
    Extension(visitor): Extension<Visitor>,
    Extension(trace): Extension<RequestTrace>,
) -> Result<Redirect, SimulatorError> {
    let (simulator, purpose) = (simulator(&state)?, Purpose::parse(&purpose));
    let purpose = purpose.ok_or(SimulatorError::Absent)?;
    let recipient = state.shop.codes().recipient(&visitor, purpose).await.map_err(|error| {
        if let shop::Error::Failed(fault) = &error {
            trace.note(fault);
        }
        SimulatorError::Unavailable
    })?;
    Ok(redirect(recipient.filter(|phone| !simulator.messages(phone).is_empty())))
}

/// To the page of a phone, or to the list of all phones.
fn redirect(phone: Option<PhoneNumber>) -> Redirect {
    Redirect::to(
        &phone.map_or_else(|| routes::SIMULATOR.into(), |phone| routes::simulated_phone(&phone)),
    )
}

#[derive(Serialize)]
struct Message {
    id: String,
    phone: String,
    channel: &'static str,
    purpose: &'static str,
    language: &'static str,
    text: String,
    code: Option<String>,
    status: &'static str,
    sent_at: String,
}

impl From<SimulatedMessage> for Message {
    fn from(message: SimulatedMessage) -> Self {
        Self {
            id: message.id,
            phone: message.phone.expose().to_owned(),
            channel: message.channel.as_str(),
            purpose: message.purpose.as_str(),
            language: message.language.as_str(),
            text: message.text,
            code: message.code,
            status: message.status.as_str(),
            sent_at: dates::precise(message.sent_at),
        }
    }
}

/// The messages on one phone, newest first.
async fn messages(
    State(state): State<AppState>,
    Query(query): Query<PhoneQuery>,
) -> Result<Json<Vec<Message>>, SimulatorError> {
    let phone = read_phone(&state, &query.phone)?;
    let messages = simulator(&state)?.messages(&phone);
    Ok(Json(messages.into_iter().map(Message::from).collect()))
}

#[derive(Deserialize)]
struct FaultRequest {
    phone: Option<String>,
    fault: SimulatedFault,
}

async fn set_fault(
    State(state): State<AppState>,
    Json(request): Json<FaultRequest>,
) -> Result<StatusCode, SimulatorError> {
    apply(&state, request)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same from the page's form, and back to the page.
async fn set_fault_by_form(
    State(state): State<AppState>,
    Form(request): Form<FaultRequest>,
) -> Result<Redirect, SimulatorError> {
    Ok(redirect(apply(&state, request)?))
}

fn apply(state: &AppState, request: FaultRequest) -> Result<Option<PhoneNumber>, SimulatorError> {
    let phone = request.phone.filter(|text| !text.is_empty());
    let phone = phone.map(|text| read_phone(state, &text)).transpose()?;
    simulator(state)?.set_fault(phone.clone(), request.fault);
    Ok(phone)
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u64,
}

/// Moves the shop's clock, so that tests need not wait.
async fn move_clock(State(state): State<AppState>, Json(advance): Json<Advance>) -> Response {
    if advance.advance_seconds > MAX_CLOCK_ADVANCE_SECONDS {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "That is more than ten years.");
    }
    state.shop.clock().advance(Duration::from_secs(advance.advance_seconds));
    StatusCode::NO_CONTENT.into_response()
}

/// The screen of a phone, rendered anew whenever something on it changes.
async fn follow(
    State(state): State<AppState>,
    Path(phone): Path<String>,
    Query(query): Query<SimulatorQuery>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
) -> Result<Response, SimulatorError> {
    let phone = read_phone(&state, &phone)?;
    let phone = Handset {
        simulator: simulator(&state)?,
        phone,
        query,
        sender: state.shop.settings().shop_name.clone(),
        text: state.text_for(&headers),
    };
    Ok(events::follow(&state, &visitor, &headers, screens(phone)))
}

/// A phone whose page is open in a browser.
struct Handset {
    simulator: Arc<Simulator>,
    phone: PhoneNumber,
    query: SimulatorQuery,
    sender: String,
    text: Text,
}

impl Handset {
    fn screen(&self) -> String {
        look(&self.simulator, &self.phone, self.query);
        let messages = self.simulator.messages(&self.phone);
        let (glance, sender) = (self.query, self.sender.clone());
        let html = Owner::new().with(|| {
            provide_context(self.text.clone());
            view! { <Screen messages glance sender/> }.to_html()
        });
        // An event is one line.
        html.replace(['\r', '\n'], " ")
    }
}

fn screens(handset: Handset) -> impl Stream<Item = String> {
    let changes = handset.simulator.changes();
    stream::unfold((handset, changes, true), |(handset, mut changes, is_first)| async move {
        let mut is_due = is_first;
        while !is_due {
            is_due = match changes.recv().await {
                Ok(changed) => changed == handset.phone,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return None,
            };
        }
        Some((handset.screen(), (handset, changes, false)))
    })
}
