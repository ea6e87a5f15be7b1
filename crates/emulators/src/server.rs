//! The HTTP server: reads calls, lets the provider answer, and breaks what is to be broken.

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

use crate::call::{Answer, Call};
use crate::control;
use crate::faults::Fault;
use crate::outcome::Outcome;
use crate::protocol::Refusal;
use crate::state::{State, pause};
use crate::wire::Exchange;

/// The longest body that is read.
const LONGEST_BODY: usize = 4 * 1024 * 1024;

/// How long the first half of a broken answer has to reach the other side.
const HALF_TIME: Duration = Duration::from_millis(30);

/// The connection ends here, on purpose or because the other side broke it.
#[derive(Debug, thiserror::Error)]
#[error("the connection was ended")]
struct Broken;

/// Serves until the task is aborted; connections end with it.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let state = Arc::clone(&state);
                connections.spawn(async move {
                    let service = service_fn(|request| handle(Arc::clone(&state), request));
                    // Broken on purpose, or by the other side: nothing more to do.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn handle(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Reply>, Broken> {
    let call = read(request).await?;
    if let Some(answer) = control::answer(&state, &call) {
        return Ok(respond(answer, false));
    }
    state.count("calls");
    let fault = state.faults.draw();
    let refusal = match fault {
        Some(Fault::Internal) => Some(Refusal::Internal),
        Some(Fault::TooMany) => Some(Refusal::TooMany),
        Some(Fault::Unavailable) => Some(Refusal::Unavailable),
        _ => None,
    };
    if fault == Some(Fault::ResetBefore) {
        record(&state, &call, None, Some(note(Fault::ResetBefore)));
        return Err(Broken);
    }
    let mut answer = match refusal {
        Some(refusal) => state.protocol.refuse(&state, &call, refusal),
        None => state.protocol.answer(&state, &call),
    };
    let mut is_hanging = fault == Some(Fault::Hang);
    if let Some((message, outcome)) = answer.accepted.take() {
        is_hanging |= outcome == Outcome::Hang;
        let outcome = match fault {
            Some(Fault::FailedLater) => Outcome::Unexplained,
            Some(Fault::Silence) => Outcome::Silence,
            _ => outcome,
        };
        state.accept(message, outcome);
    }
    state.count(format!("answered_{}", answer.status));
    record(&state, &call, Some(&answer), fault.map(note));
    if is_hanging {
        pause(state.config.hang).await;
    }
    if fault == Some(Fault::ResetAfter) {
        return Err(Broken);
    }
    Ok(respond(answer, fault == Some(Fault::Truncated)))
}

async fn read(request: Request<Incoming>) -> Result<Call, Broken> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_BODY).collect().await.map_err(|_| Broken)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Call {
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
    format!("on purpose: {}", serde_json::json!(fault).as_str().unwrap_or_default())
}

fn record(state: &State, call: &Call, answer: Option<&Answer>, note: Option<String>) {
    let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
    state.wire.record(Exchange {
        number: 0,
        at: state.now(),
        direction: "in",
        method: call.method.clone(),
        url: format!("{}{query}", call.path),
        headers: call.headers.clone(),
        body: String::from_utf8_lossy(&call.body).into_owned(),
        status: answer.map(|answer| answer.status),
        answer: answer.map(|answer| answer.body.clone()).unwrap_or_default(),
        note,
    });
    state.watch.changed();
}

fn respond(answer: Answer, is_truncated: bool) -> Response<Reply> {
    let body = Bytes::from(answer.body);
    let length = body.len();
    let first = if is_truncated { body.slice(..length / 2) } else { body };
    let mut response = Response::new(Reply {
        first: Some(first),
        length: u64::try_from(length).unwrap_or_default(),
        breaks_after: is_truncated.then(|| Box::pin(tokio::time::sleep(HALF_TIME))),
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

/// A body that may end before it is whole.
struct Reply {
    first: Option<Bytes>,
    length: u64,
    breaks_after: Option<Pin<Box<Sleep>>>,
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        match &mut self.breaks_after {
            None => Poll::Ready(None),
            Some(sleep) => sleep.as_mut().poll(context).map(|()| Some(Err(Broken))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
