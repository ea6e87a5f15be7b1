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
mod support;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod twilio;
