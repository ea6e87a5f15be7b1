//! The seam between the twin's frame and the provider whose words it speaks.

use std::sync::Arc;

use crate::call::{Answer, Call};
use crate::config::Provider;
use crate::outcome::Outcome;
use crate::phones::Message;
use crate::plan::Status;
use crate::state::State;
use crate::webhook::Report;

/// A call that is refused though nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too many calls (429).
    TooMany,
    /// An internal error (500).
    Internal,
    /// The service is unavailable (503).
    Unavailable,
}

/// A provider's words.
pub(crate) trait Protocol: Send + Sync {
    /// The answer to a call. It changes nothing on the phones: the frame does
    /// that with the message that the answer carries.
    fn answer(&self, state: &Arc<State>, call: &Call) -> Answer;

    /// A refusal for no fault of the caller.
    fn refuse(&self, state: &State, call: &Call, refusal: Refusal) -> Answer;

    /// The webhook that tells of a message's new status, if the provider tells of it.
    fn report(
        &self,
        state: &State,
        message: &Message,
        status: Status,
        outcome: Outcome,
    ) -> Option<Report>;
}

/// The words of a provider.
pub(crate) fn of(provider: Provider) -> Box<dyn Protocol> {
    match provider {
        Provider::Meta => Box::new(crate::meta::Meta),
        Provider::Dialog360 => Box::new(crate::dialog360::Dialog360),
        Provider::Twilio => Box::new(crate::twilio::Twilio::default()),
        Provider::Messagebird => Box::new(crate::messagebird::Messagebird),
        Provider::Bird => Box::new(crate::bird::Bird::default()),
    }
}
