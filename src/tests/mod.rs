//! Tests that call the router without a socket: pages, forms without script, cookies, headers and
//! refusals.

mod addresses;
mod audit;
mod cache;
mod catalogue_pages;
mod demo_link;
mod entry_points;
mod enumeration;
mod forms;
mod headers;
mod injection;
mod journeys;
mod limits;
mod lost_phone;
mod messaging;
mod metrics;
mod navigation;
mod origin;
mod purchases;
mod routes;
mod sessions;
mod simulator;
mod support;
mod text_messages;
mod texts;
mod webhooks;
