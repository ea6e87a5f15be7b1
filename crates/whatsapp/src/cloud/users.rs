//! The ids of people that the platform reports (business-scoped user ids), and its notices that a
//! person has another number or other ids.

use domain::PhoneNumber;

use super::names::is_name;
use crate::{UserChange, UserChangeKind, UserId, UserIds, json::Json};

/// The ids in two fields of an object; `None` without an id for this business.
pub fn ids(object: Json<'_>, user: &str, parent: &str) -> Option<UserIds> {
    let id = |pointer: &str| UserId::parse(&object.text_at(pointer)?);
    Some(UserIds { user: id(user)?, parent: id(parent) })
}

/// Reads a message of the platform about a person; `None` for messages of other kinds.
///
/// Such a message carries no contacts. Since 2026 it names the ids before and after the change,
/// and the number only if the person does not withhold it.
pub fn change(provider: &'static str, message: Json<'_>) -> Option<UserChange> {
    if message.text_at("/type")? != "system" {
        return None;
    }
    let system = message.get("system")?;
    let kind = match system.text_at("/type")?.as_str() {
        // The latter is the older word.
        "user_changed_number" | "customer_changed_number" => UserChangeKind::Number,
        "user_changed_user_id" => UserChangeKind::Ids,
        _ => return None,
    };
    let number = message.text_at("/from").or_else(|| system.text_at("/customer"));
    Some(UserChange {
        provider,
        notice_id: message.text_at("/id").filter(|id| is_name(id))?,
        kind,
        number: number.and_then(|number| read_number(&number)),
        previous: ids(system, "/previous_user_id", "/previous_parent_user_id"),
        current: ids(system, "/user_id", "/parent_user_id"),
    })
}

/// The platform writes numbers in E.164 without the plus sign.
fn read_number(text: &str) -> Option<PhoneNumber> {
    PhoneNumber::from_e164(&format!("+{}", text.trim_start_matches('+')))
}
