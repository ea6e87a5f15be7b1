//! What the front door says to couriers, and they to it: the shop's own names for
//! what the messaging room has.

pub use whatsapp::{
    CallbackAnswer, CallbackRequest, Common, Courier, Finding, Refused, TemplateError,
    TemplateStatus, reachability::prove_callbacks,
};
