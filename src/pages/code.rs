//! The code screen.
use leptos::prelude::*;
/// x
#[component]
pub fn CodeScreen() -> impl IntoView {}
/// x
#[component]
pub fn OtherWays() -> impl IntoView {}
