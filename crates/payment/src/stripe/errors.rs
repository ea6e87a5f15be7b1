//! What can go wrong with a request to Stripe, and what it means for the shop.
//!
//! Source: <https://docs.stripe.com/api/errors>. Stripe's messages are never logged, because they
//! may repeat what a shopper typed or a part of the key; type, code and parameter say enough.

use http::StatusCode;
use serde::Deserialize;

use super::minor_units::AmountError;
use crate::GatewayError;

/// The code for a PaymentIntent that is not in the state which the request needs.
pub(super) const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";

/// Why a request has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum StripeError {
    /// No connection was made, so that nothing was asked for.
    #[error("Stripe cannot be reached")]
    NotSent,
    /// The request may have been carried out, but no answer arrived whole.
    #[error("Stripe did not answer")]
    NoAnswer,
    /// Stripe answered with an error.
    #[error("Stripe answered with status {}", .0.status.as_u16())]
    Refused(Box<ApiError>),
    /// Stripe answered with something that is not what its documentation says.
    #[error("Stripe's answer cannot be read")]
    Unreadable,
    /// The amount cannot be expressed in Stripe's minor units.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// No money is held for the payment, or less than is to be captured.
    #[error("this amount is not authorised")]
    NotAuthorized,
    /// Stripe has no such payment. The key may be of another account than the payment.
    #[error("Stripe has no such payment")]
    Missing,
}

/// The type of an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErrorType {
    /// Stripe failed.
    ApiError,
    /// The card was declined.
    CardError,
    /// The idempotency key was used with other parameters.
    IdempotencyError,
    /// The request is wrong as it stands.
    InvalidRequestError,
    /// A type that this version does not know, or none.
    #[default]
    #[serde(other)]
    Other,
}

/// An error that Stripe answered.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) request_id: Option<String>,
    /// Whether this is the stored answer to an earlier request with the same key.
    pub(super) is_replayed: bool,
    pub(super) details: Details,
}

/// What the body of an error says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Details {
    #[serde(default, rename = "type")]
    pub(super) kind: ErrorType,
    pub(super) code: Option<String>,
    pub(super) param: Option<String>,
}

/// The body of an error.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: Details,
}

impl StripeError {
    /// The error that Stripe answered, if it did.
    pub(super) const fn refused(&self) -> Option<&ApiError> {
        match self {
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// Whether Stripe answered with this code.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.refused().is_some_and(|error| error.details.code.as_deref() == Some(code))
    }

    /// Whether the object that the request names does not exist.
    pub(super) fn is_missing(&self) -> bool {
        self.refused().is_some_and(|error| error.status == StatusCode::NOT_FOUND)
            || self.has_code("resource_missing")
    }

    /// Whether the request failed within Stripe. The failure is stored under the idempotency key,
    /// and the request may have been carried out nevertheless.
    pub(super) fn is_server_failure(&self) -> bool {
        self.refused().is_some_and(|error| error.status.is_server_error())
    }

    /// Whether the answer is the failure that an earlier request with the same key stored.
    pub(super) fn is_stored_failure(&self) -> bool {
        self.is_server_failure() && self.refused().is_some_and(|error| error.is_replayed)
    }

    /// What the shop is told. Errors that the merchant or a developer must act on are logged here,
    /// once.
    pub(super) fn into_gateway_error(self, payment: &str) -> GatewayError {
        match self {
            Self::NotSent => GatewayError::Unreachable,
            Self::NoAnswer => GatewayError::Unknown,
            Self::Refused(error) => error.into_gateway_error(payment),
            Self::Unreadable => {
                log(&self, "stripe.answer_unreadable", payment);
                GatewayError::Unknown
            }
            Self::Amount(_) | Self::NotAuthorized | Self::Missing => {
                log(&self, "stripe.request_impossible", payment);
                GatewayError::Rejected
            }
        }
    }
}

fn log(error: &StripeError, event: &'static str, payment: &str) {
    tracing::error!(event, payment_id = payment, error = %error, "a request to Stripe has failed");
}

impl ApiError {
    fn into_gateway_error(self, payment: &str) -> GatewayError {
        if self.details.kind == ErrorType::IdempotencyError && self.status != StatusCode::CONFLICT {
            self.log("stripe.idempotency_key_reused", payment);
            return GatewayError::IdReused;
        }
        match self.status {
            // The limiter runs before anything is carried out, and before the keys are looked up.
            StatusCode::TOO_MANY_REQUESTS => GatewayError::Unreachable,
            // 409: another request with the same key is still running.
            StatusCode::CONFLICT => GatewayError::Unknown,
            status if status.is_server_error() => GatewayError::Unknown,
            // The payment moves on at this moment. Asking again tells what it came to.
            _ if self.details.code.as_deref() == Some(UNEXPECTED_STATE) => GatewayError::Unknown,
            _ => {
                self.log("stripe.request_rejected", payment);
                GatewayError::Rejected
            }
        }
    }

    fn log(&self, event: &'static str, payment: &str) {
        tracing::error!(
            event,
            payment_id = payment,
            status = self.status.as_u16(),
            error_type = ?self.details.kind,
            code = self.details.code.as_deref(),
            param = self.details.param.as_deref(),
            request_id = self.request_id.as_deref(),
            "Stripe refuses a request of the shop"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, kind: &str) -> StripeError {
        let body = format!(r#"{{"error":{{"type":"{kind}","message":"someone@example.com"}}}}"#);
        let body: ErrorBody = serde_json::from_str(&body).unwrap();
        StripeError::Refused(Box::new(ApiError {
            status: StatusCode::from_u16(status).unwrap(),
            request_id: None,
            is_replayed: false,
            details: body.error,
        }))
    }

    #[test]
    fn each_error_tells_the_shop_whether_something_may_have_happened() {
        for (error, expected) in [
            (StripeError::NotSent, GatewayError::Unreachable),
            (StripeError::NoAnswer, GatewayError::Unknown),
            (StripeError::Unreadable, GatewayError::Unknown),
            (StripeError::Amount(AmountError::TooSmall), GatewayError::Rejected),
            (error(400, "invalid_request_error"), GatewayError::Rejected),
            (error(400, "idempotency_error"), GatewayError::IdReused),
            (error(409, "idempotency_error"), GatewayError::Unknown),
            (error(401, "invalid_request_error"), GatewayError::Rejected),
            (error(403, "invalid_request_error"), GatewayError::Rejected),
            (error(404, "invalid_request_error"), GatewayError::Rejected),
            (error(429, "rate_limit_error"), GatewayError::Unreachable),
            (error(500, "api_error"), GatewayError::Unknown),
            (error(503, "a_type_of_next_year"), GatewayError::Unknown),
            (error(302, ""), GatewayError::Rejected),
        ] {
            let said = format!("{error:?}");
            assert!(!said.contains("someone@"), "{said}");
            assert_eq!(error.into_gateway_error("p1"), expected, "{said}");
        }
    }
}
