//! What the command line does besides serving, and what serving is made of.

pub mod check_provider;
pub mod counted;
pub mod stop;
pub mod templates;
