//! Every provider, spoken to over real HTTP: what is sent, how each answer is
//! taken, and which calls back are believed.

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
mod support;
#[cfg(test)]
mod twilio;
