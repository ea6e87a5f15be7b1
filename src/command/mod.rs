//! The subcommands of the command line.

pub mod application;
pub mod backup;
pub mod check_config;
pub mod check_provider;
mod database_files;
mod database_lock;
pub mod end_access;
pub mod refused_calls;
pub mod restore;
pub mod seed;
pub mod serve;
pub mod shutdown;
pub mod templates;
