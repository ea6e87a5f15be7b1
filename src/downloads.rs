//! Personal files that a visitor downloads.

use axum::{
    Extension,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{OrderToken, Refusal};
use shop::{Error, OrderView, Visitor};
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

/// A copy of the account's data as JSON, for ten minutes after the password was given again.
pub async fn personal_data(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Extension(trace): Extension<RequestTrace>,
) -> Response {
    match state.shop.personal_data().export(&visitor).await {
        Ok(copy) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, copy).into_response()
        }
        Err(Error::Refused(_)) => Redirect::to(routes::ACCOUNT_DATA).into_response(),
        Err(Error::Failed(fault)) => {
            trace.note(&fault);
            refuse(StatusCode::SERVICE_UNAVAILABLE, "The shop cannot answer just now.")
        }
    }
}

/// The invoice of an order as a PDF, for who may read the order. If there is none, or none that a
/// PDF can show, the page of the order says what to do.
pub async fn invoice(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Extension(trace): Extension<RequestTrace>,
    Path(token): Path<String>,
) -> Response {
    let order = match order(&state, &visitor, &token).await {
        Ok(order) => order,
        Err(Error::Refused(_)) => return Redirect::to(&routes::order(token)).into_response(),
        Err(Error::Failed(fault)) => {
            trace.note(&fault);
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "The shop cannot answer just now.");
        }
    };
    let text = state.text(visitor.language);
    let seller = state.shop.settings().invoice_seller.clone();
    // Writing a file takes milliseconds of computing, so it has a thread of its own.
    let file = tokio::task::spawn_blocking(move || pages::invoice::file(&text, &order, &seller));
    match file.await {
        Ok(Some(Ok(file))) => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"invoice.pdf\""),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, file).into_response()
        }
        Ok(Some(Err(error))) => {
            tracing::warn!(event = "invoice.not_written", %error, "an invoice has no PDF");
            Redirect::to(&routes::order(token)).into_response()
        }
        _ => Redirect::to(&routes::order(token)).into_response(),
    }
}

async fn order(state: &AppState, visitor: &Visitor, token: &str) -> shop::Result<OrderView> {
    let token = OrderToken::parse(token).ok_or(Refusal::NotFound)?;
    state.shop.orders().by_token(visitor, &token).await
}
