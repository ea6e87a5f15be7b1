//! Security §4.4 over several doors: what happens at one of them does not show at
//! another, or only to whoever is signed in.

mod delivery;
mod doors;
mod limits;
mod statements;
mod support;
