//! A request to the API: its key, its version, its idempotency, its parameters and its answer
//! (<https://docs.stripe.com/api>).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::time::Instant;

use super::Shared;
use super::events::{API_VERSION, Origin};
use super::expand;
use super::form;
use super::idempotency;
use super::operations;
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema;
use crate::http::{ApiRequest, ApiResponse, Pending};
use crate::outcome::ServiceError;
use crate::state::State;

/// The response to a request under `/v1`.
pub(super) fn handle(
    shared: &Arc<Shared>,
    state: &Arc<State>,
    request: &ApiRequest,
) -> ApiResponse {
    let (id, now) = (new_id(state), shared.now(state));
    let pending = Pending::new();
    let first = check(state, request).and_then(|()| shared.keys.begin(request, &pending.0, now));
    let mut response = match first {
        Ok(Some(replayed)) => {
            state.count("replayed");
            replayed
        }
        Ok(None) => {
            let answer = execute(shared, state, request, &id, &pending);
            let is_executed = !matches!(&answer, Err(problem) if problem.is_before_execution);
            let response = respond(state, answer, &id, now);
            if is_executed {
                shared.keys.keep(request, &response, &id);
            } else {
                shared.keys.release(request);
            }
            response
        }
        Err(problem) => respond(state, Err(problem), &id, now),
    };
    response.pending = Some(pending);
    finish(response, request, id)
}

/// A failure of the service. One that is no refusal is kept for the idempotency key.
pub(super) fn service_error(
    shared: &Shared,
    state: &State,
    request: &ApiRequest,
    failure: ServiceError,
) -> ApiResponse {
    let (id, now) = (new_id(state), shared.now(state));
    let response = match failure {
        ServiceError::TooMany => respond(state, Err(too_many()), &id, now),
        ServiceError::Unavailable => {
            let problem = Problem::api(503, "The service is temporarily unavailable.");
            respond(state, Err(problem), &id, now)
        }
        ServiceError::Internal => {
            let message =
                "An unexpected error occurred. If this problem persists please contact us.";
            let error = respond(state, Err(Problem::api(500, message)), &id, now);
            shared.keys.keep_error(request, &error, &id, now).unwrap_or(error)
        }
    };
    finish(response, request, id)
}

fn new_id(state: &State) -> String {
    let hex = state.identifiers.hex();
    format!("req_{}", hex.get(..14).unwrap_or(&hex))
}

fn too_many() -> Problem {
    let message = "Request rate limit exceeded. Learn more about rate limits here \
                   https://stripe.com/docs/rate-limits.";
    Problem::refused(429, message).with_code("rate_limit")
}

/// What is checked before the idempotency key.
fn check(state: &State, request: &ApiRequest) -> Result<(), Problem> {
    check_secret_key(state, request)?;
    state.rate_limiter.try_request(Instant::now()).map_err(|_| too_many())?;
    let version = request.header("stripe-version").unwrap_or(API_VERSION);
    if version != API_VERSION {
        let message = format!(
            "Invalid Stripe API version: {version}. The emulator supports {API_VERSION} only."
        );
        return Err(Problem::refused(400, message));
    }
    let is_form = request.has_content_type("application/x-www-form-urlencoded");
    if request.method == "POST" && !request.body.is_empty() && !is_form {
        let message = "Invalid request (check that your POST content type is \
                       application/x-www-form-urlencoded). If you have any questions, we can help \
                       at https://support.stripe.com/.";
        return Err(Problem::refused(400, message));
    }
    Ok(())
}

/// The secret key is a bearer token, or the name of Basic authentication
/// (<https://docs.stripe.com/api/authentication>).
fn check_secret_key(state: &State, request: &ApiRequest) -> Result<(), Problem> {
    let header = request.header("authorization").unwrap_or_default();
    let basic = header
        .strip_prefix("Basic ")
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok());
    let given = match (&basic, header.strip_prefix("Bearer ")) {
        (Some(pair), _) => pair.split(':').next().unwrap_or_default(),
        (None, Some(token)) => token.trim(),
        (None, None) => "",
    };
    if given.is_empty() {
        let message = "You did not provide an API key. You need to provide your API key in the \
                       Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
                       YOUR_SECRET_KEY').";
        return Err(Problem::refused(401, message));
    }
    if given == state.config.account.stripe_secret_key {
        return Ok(());
    }
    // Stripe shows the ends of a wrong key only.
    let start: String = given.chars().take(8).collect();
    Err(Problem::refused(401, format!("Invalid API Key provided: {start}****")))
}

/// Runs the operation of a request.
fn execute(
    shared: &Arc<Shared>,
    state: &Arc<State>,
    request: &ApiRequest,
    id: &str,
    pending: &Pending,
) -> Answer {
    let segments = request.segments();
    let path = segments.strip_prefix(&["v1"]).unwrap_or_default();
    let Some(operation) = operations::find(&request.method, path) else {
        let message = format!(
            "Unrecognized request URL ({}: {}), or one that the emulator does not support. Please see \
             https://stripe.com/docs or we can help at https://support.stripe.com/.",
            request.method, request.path
        );
        return Err(Problem::refused(404, message));
    };
    let is_post = request.method == "POST";
    let mut given = form::parse(if is_post { &request.body } else { request.query.as_bytes() });
    let expansions = expand::take(&mut given)?;
    let parameters = Parameters(schema::check(&given, operation.parameters)?);
    if is_post && !operation.id.is_empty() {
        shared.locks.lock(operation.id, &pending.0)?;
    }
    let origin = Origin {
        request_id: Some(String::from(id)),
        idempotency_key: idempotency::key(request).map(String::from),
    };
    shared.run(state, origin, |context| {
        let before = (!expansions.is_empty()).then(|| context.store.clone());
        let mut answer = (operation.run)(context, operation.id, &parameters)?;
        let expanded = expand::apply(context.store, &mut answer, &expansions);
        if let (Err(_), Some(before)) = (&expanded, before) {
            // A request whose answer cannot be expanded does nothing.
            *context.store = before;
        }
        expanded.map(|()| answer)
    })
}

fn respond(state: &State, answer: Answer, id: &str, now: i64) -> ApiResponse {
    match answer {
        Ok(value) => ApiResponse::json(200, &value),
        Err(problem) => {
            state.count(format!("refused_{}", problem.name()));
            let body: Value = problem.body(id, now);
            let response = ApiResponse::json(problem.status, &body);
            match problem.name().as_str() {
                "idempotency_key_in_use" | "lock_timeout" => {
                    response.with_header("stripe-should-retry", "true")
                }
                "rate_limit" => response.with_header("stripe-rate-limited-reason", "global-rate"),
                _ => response,
            }
        }
    }
}

/// Adds the headers of every response.
fn finish(response: ApiResponse, request: &ApiRequest, id: String) -> ApiResponse {
    let response = response
        .with_header("request-id", id)
        .with_header("stripe-version", API_VERSION)
        .with_header("cache-control", "no-cache, no-store");
    match idempotency::key(request) {
        Some(key) => response.with_header("idempotency-key", key),
        None => response,
    }
}
