//! What the browser and the server share: islands, and the calls they make.
//!
//! Compiled twice. Nothing secret and nothing large belongs here; what only the
//! server needs is in [`server`].

pub mod api;
pub mod islands;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
pub mod text;
