//! What the command line does, and what serving is made of.

pub mod application;
pub mod check_config;
pub mod check_provider;
pub mod metered;
pub mod seed;
pub mod serve;
pub mod shutdown;
pub mod templates;
