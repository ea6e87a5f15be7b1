//! The twins against the documents they are written from.

#[cfg(test)]
mod bird;
#[cfg(test)]
mod frame;
#[cfg(test)]
mod messagebird;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod twilio;
