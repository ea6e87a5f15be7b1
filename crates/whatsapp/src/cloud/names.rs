//! What the platform may use as an id or a name.

/// The longest id of a message or name of a template that is read.
const MAX_NAME_LEN: usize = 512;

/// Whether a text can be an id of a message or the name of a template. Others are not stored:
/// PostgreSQL refuses NUL, and one refused event would undo those beside it.
pub fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_LEN).contains(&text.len()) && !text.contains(char::is_control)
}
