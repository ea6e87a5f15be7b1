//! The subcommands of the command line.

pub mod application;
pub mod check_config;
pub mod check_provider;
mod database_lock;
pub mod seed;
pub mod serve;
pub mod shutdown;
pub mod templates;
