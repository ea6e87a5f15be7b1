//! The front door: the only place that knows every room.

pub mod pages;
pub mod site;
