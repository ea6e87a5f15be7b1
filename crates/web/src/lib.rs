//! What the browser and the server share: the addresses of the site, islands, and the server
//! functions that they call.
//!
//! The crate is compiled twice, so nothing secret and nothing large belongs here. What only
//! the server needs is in [`server`].

pub mod api;
pub mod islands;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod text;
