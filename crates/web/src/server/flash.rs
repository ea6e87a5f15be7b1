//! The flash: what the session keeps for the next page only, because without script a form
//! cannot show its response in place.

use std::collections::HashMap;

use domain::{Field, Refusal};
use serde::{Deserialize, Serialize};

use super::{session, session_fault, text};
use crate::text::FlashMessage;

/// The key of the flash in the session.
const FLASH: &str = "flash";

/// What the next page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// Why the form was refused.
    pub refusal: Option<Refusal>,
    /// The reference of a fault.
    pub fault: Option<String>,
    /// What was typed, by the field's name; never a password or a code.
    pub typed: HashMap<String, String>,
    /// What succeeded.
    pub message: Option<FlashMessage>,
}

impl Flash {
    /// What was typed into a field, to show it again.
    pub fn value(&self, field: Field) -> String {
        self.typed.get(field.as_str()).cloned().unwrap_or_default()
    }

    /// What is wrong with a field, in words.
    pub fn problem(&self, field: Field) -> Option<String> {
        let Some(Refusal::Invalid(problems)) = &self.refusal else { return None };
        problems
            .iter()
            .find(|problem| problem.field() == field)
            .map(|problem| text().problem(*problem))
    }

    /// Whether what was typed is wrong: a malformed or wrong code, a wrong password.
    pub fn is_input_wrong(&self) -> bool {
        self.refusal.as_ref().is_some_and(Refusal::is_about_input)
    }

    /// The sentence for the alert, if there is one.
    pub fn alert(&self) -> Option<String> {
        match (&self.fault, &self.refusal) {
            (Some(reference), _) => Some(text().fault(reference)),
            (None, refusal) => refusal.as_ref().map(|refusal| text().refusal(refusal)),
        }
    }
}

/// Removes the flash from the session and returns it.
pub async fn take_flash() -> shop::Result<Flash> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(Flash::default());
    }
    // Reading first: a page without a flash must not write the session.
    match session.get_value(FLASH).await.map_err(session_fault)? {
        None => Ok(Flash::default()),
        Some(_) => Ok(session.remove(FLASH).await.ok().flatten().unwrap_or_default()),
    }
}

/// Stores a flash for the next page.
pub(super) async fn store_flash(flash: Flash) -> shop::Result<()> {
    session()?.insert(FLASH, flash).await.map_err(session_fault)
}
