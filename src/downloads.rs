//! Personal files that a visitor downloads.

use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use shop::{Error, Visitor};
use web::{routes, server::RequestTrace};

use crate::{AppState, layers::refuse};

/// The recovery codes as a text file, while they are shown to this sign-in. Otherwise the page
/// says what to do.
pub async fn recovery_codes(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Extension(trace): Extension<RequestTrace>,
) -> Response {
    let codes = match state.shop.recovery_codes().shown(&visitor).await {
        Ok(codes) => codes,
        Err(Error::Refused(_)) => {
            return Redirect::to(routes::ACCOUNT_RECOVERY_CODES).into_response();
        }
        Err(Error::Failed(fault)) => {
            trace.note(&fault);
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "The shop cannot answer just now.");
        }
    };
    let text = state.text(visitor.language);
    let file = pages::recovery_codes::file(&text, &state.shop.settings().shop_name, &codes);
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"recovery-codes.txt\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, file).into_response()
}
