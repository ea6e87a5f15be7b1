//! The HTTP server: it reads requests, lets the provider respond, and injects faults.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Sleep;

use crate::control;
use crate::delivery;
use crate::faults::Fault;
use crate::http::{ApiRequest, ApiResponse};
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::request_log::LoggedRequest;
use crate::state::{State, pause};

const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// How long a truncated response waits, so that its first half reaches the client.
const TRUNCATION_DELAY: Duration = Duration::from_millis(30);

/// The connection is closed, by a fault or by the client.
#[derive(Debug, thiserror::Error)]
#[error("the connection was closed")]
struct ConnectionAborted;

/// Serves until the task is aborted, which closes the connections too.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>, protocol: Arc<dyn Protocol>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let (state, protocol) = (Arc::clone(&state), Arc::clone(&protocol));
                connections.spawn(async move {
                    let service = service_fn(|request| handle(&state, &protocol, request));
                    // Connections that fail were closed by a fault or by the client.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn handle(
    state: &Arc<State>,
    protocol: &Arc<dyn Protocol>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, ConnectionAborted> {
    let request = read(request).await?;
    if let Some(response) = control::handle(state, &**protocol, &request) {
        return Ok(respond(response, false));
    }
    state.count("requests");
    let may_fail = protocol.may_fail(&request);
    let fault = if may_fail { state.faults.draw(&request.method, &request.path) } else { None };
    let failure = match fault {
        Some(Fault::Internal) => Some(ServiceError::Internal),
        Some(Fault::TooMany) => Some(ServiceError::TooMany),
        Some(Fault::Unavailable) => Some(ServiceError::Unavailable),
        _ => None,
    };
    if fault == Some(Fault::ResetBefore) {
        record(state, &request, None, Some(note(Fault::ResetBefore)));
        return Err(ConnectionAborted);
    }
    let mut response = match failure {
        Some(failure) => protocol.service_error(state, &request, failure),
        None => protocol.handle(state, &request),
    };
    if fault == Some(Fault::InternalAfter) && response.status < 300 {
        let accepted = response.accepted.take();
        response = protocol.service_error(state, &request, ServiceError::Internal);
        response.accepted = accepted;
    }
    let mut is_hanging = fault == Some(Fault::Hang);
    if let Some((message, outcome)) = response.accepted.take() {
        is_hanging |= outcome == Outcome::Hang;
        let outcome = match fault {
            Some(Fault::FailedLater) => Outcome::Unexplained,
            Some(Fault::Silence) => Outcome::Silence,
            _ => outcome,
        };
        delivery::start(state, protocol, message, outcome);
    }
    state.count(format!("responses_{}", response.status));
    record(state, &request, Some(&response), fault.map(note));
    if is_hanging {
        pause(state.config.hang).await;
    }
    if fault == Some(Fault::ResetAfter) {
        return Err(ConnectionAborted);
    }
    Ok(respond(response, fault == Some(Fault::Truncated)))
}

async fn read(request: Request<Incoming>) -> Result<ApiRequest, ConnectionAborted> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|_| ConnectionAborted)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(ApiRequest {
        method: head.method.to_string(),
        path: String::from(head.uri.path()),
        query: head.uri.query().unwrap_or_default().into(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: body.to_bytes().to_vec(),
    })
}

fn note(fault: Fault) -> String {
    format!("injected fault: {}", serde_json::json!(fault).as_str().unwrap_or_default())
}

fn record(
    state: &State,
    request: &ApiRequest,
    response: Option<&ApiResponse>,
    note: Option<String>,
) {
    let query =
        if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    state.request_log.record(LoggedRequest {
        number: 0,
        at: state.now(),
        direction: "in",
        method: request.method.clone(),
        url: format!("{}{query}", request.path),
        headers: request.headers.clone(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        status: response.map(|response| response.status),
        response: response.map(|response| response.body.clone()).unwrap_or_default(),
        note,
    });
    state.changes.notify();
}

fn respond(answer: ApiResponse, is_truncated: bool) -> Response<Reply> {
    let body = Bytes::from(answer.body);
    let length = body.len();
    let first = if is_truncated { body.slice(..length / 2) } else { body };
    let mut response = Response::new(Reply {
        first: Some(first),
        length: u64::try_from(length).unwrap_or_default(),
        aborts_after: is_truncated.then(|| Box::pin(tokio::time::sleep(TRUNCATION_DELAY))),
    });
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    let all = [("content-type", String::from(answer.content_type))].into_iter();
    for (name, value) in all.chain(answer.headers) {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    response
}

/// A body that can be truncated. It announces its whole length all the same.
struct Reply {
    first: Option<Bytes>,
    length: u64,
    aborts_after: Option<Pin<Box<Sleep>>>,
}

impl Body for Reply {
    type Data = Bytes;
    type Error = ConnectionAborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionAborted>>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match &mut self.aborts_after {
            None => Poll::Ready(None),
            Some(sleep) => sleep.as_mut().poll(context).map(|()| Some(Err(ConnectionAborted))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
