//! What waits in the session for the next page, when there is no script to show
//! it at once.

use std::collections::HashMap;

use domain::{Field, Refusal};
use serde::{Deserialize, Serialize};

use super::{session, session_fault, text};
use crate::text::FlashMessage;

/// The key in the session.
const FLASH: &str = "flash";

/// What waits for the next page: why not, what was typed, what went well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// Why it was not done.
    pub refusal: Option<Refusal>,
    /// The reference of something that broke.
    pub fault: Option<String>,
    /// What was typed, by the field's name; never a password or a code.
    pub typed: HashMap<String, String>,
    /// Something good.
    pub news: Option<FlashMessage>,
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

    /// The sentence for the alert, if there is one.
    pub fn alert(&self) -> Option<String> {
        match (&self.fault, &self.refusal) {
            (Some(reference), _) => Some(text().fault(reference)),
            (None, refusal) => refusal.as_ref().map(|refusal| text().refusal(refusal)),
        }
    }
}

/// Takes what waits in the session.
pub async fn take_flash() -> shop::Result<Flash> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(Flash::default());
    }
    // Looking first keeps a page without a flash from writing the session.
    match session.get_value(FLASH).await.map_err(session_fault)? {
        None => Ok(Flash::default()),
        Some(_) => Ok(session.remove(FLASH).await.ok().flatten().unwrap_or_default()),
    }
}

/// Keeps a flash for the next page.
pub(super) async fn keep(flash: Flash) -> shop::Result<()> {
    session()?.insert(FLASH, flash).await.map_err(session_fault)
}
