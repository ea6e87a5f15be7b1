//! Tests of the emulators against the providers' published references.

#[cfg(test)]
mod bird;
#[cfg(test)]
mod common;
#[cfg(test)]
mod messagebird;
#[cfg(test)]
mod meta;
mod meta_clients;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod stripe;
#[cfg(test)]
mod stripe_checkout;
#[cfg(test)]
mod stripe_ledger;
#[cfg(test)]
mod stripe_requests;
#[cfg(test)]
mod stripe_webhooks;
#[cfg(test)]
mod support;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod twilio;
