//! Security §4.4 over several entry points: what happens at one of them does not show at
//! another, or only to a visitor who has proved who they are.

mod browsers;
mod delivery;
mod limits;
mod statements;
mod support;
