//! Every provider over real HTTP: its requests, the class of each reply, and the
//! authentication of webhook calls.

#[cfg(test)]
mod bird;
#[cfg(test)]
mod dialog360;
#[cfg(test)]
mod emulators;
#[cfg(test)]
mod messagebird;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod twilio;
