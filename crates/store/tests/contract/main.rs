//! Every statement of the store, on SQLite and on PostgreSQL.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod commerce;
#[cfg(test)]
mod complete;
#[cfg(test)]
mod emails;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod live_access;
#[cfg(test)]
mod lost_phone;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pooler;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod server;
#[cfg(test)]
mod setup;
