//! What the command line does, and what serving is made of.

pub mod application;
pub mod check_config;
pub mod check_provider;
pub mod counted;
pub mod seed;
pub mod serve;
pub mod stop;
pub mod templates;
