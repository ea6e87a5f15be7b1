//! The accepted messages, in memory and optionally in a file.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The channel of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// WhatsApp.
    Whatsapp,
    /// SMS.
    Sms,
}

/// An accepted message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The provider's identifier.
    pub id: String,
    /// The recipient: a plus sign and digits.
    pub to: String,
    /// WhatsApp or SMS.
    pub channel: Channel,
    /// The one-time code in the message.
    pub code: Option<String>,
    /// The name of its template.
    pub template: Option<String>,
    /// The template's language.
    pub language: Option<String>,
    /// The text as the recipient reads it, if the emulator knows it.
    pub text: Option<String>,
    /// The sender's reference, which every webhook repeats.
    pub reference: Option<String>,
    /// The address for webhooks that the request gave.
    pub callback: Option<String>,
    /// Other values that the provider's webhooks repeat.
    #[serde(default)]
    pub details: Value,
    /// Seconds until an undelivered message is dropped.
    pub time_to_live: Option<i64>,
    /// Unix seconds.
    pub accepted_at: i64,
    /// `accepted`, then the latest status.
    pub status: String,
    /// Why the message failed, in the provider's format.
    #[serde(default)]
    pub failure: Value,
}

impl Message {
    pub(crate) fn new(id: String, to: &str, channel: Channel, accepted_at: i64) -> Self {
        Self {
            id,
            to: format!("+{}", crate::json::digits(to)),
            channel,
            code: None,
            template: None,
            language: None,
            text: None,
            reference: None,
            callback: None,
            details: Value::Null,
            time_to_live: None,
            accepted_at,
            status: String::from("accepted"),
            failure: Value::Null,
        }
    }

    /// The recipient without the plus sign.
    pub(crate) fn digits(&self) -> &str {
        self.to.trim_start_matches('+')
    }
}

#[derive(Debug)]
pub(crate) struct MessageStore(Mutex<StoreState>);

#[derive(Debug)]
struct StoreState {
    messages: Vec<Message>,
    file: Option<File>,
}

impl MessageStore {
    /// Loads the messages of the file, and appends to it from now on.
    pub fn open(path: Option<&Path>) -> std::io::Result<Self> {
        let mut messages = Vec::new();
        let file = match path {
            None => None,
            Some(path) => {
                if path.exists() {
                    messages = load(path)?;
                }
                Some(OpenOptions::new().create(true).append(true).open(path)?)
            }
        };
        Ok(Self(Mutex::new(StoreState { messages, file })))
    }

    pub fn accept(&self, message: &Message) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.append(&json!({ "accepted": message }));
        state.messages.push(message.clone());
    }

    /// Records a message's new status.
    pub fn set_status(&self, id: &str, status: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.append(&json!({ "status": { "id": id, "status": status } }));
        if let Some(message) = state.messages.iter_mut().rev().find(|each| each.id == id) {
            message.status = String::from(status);
        }
    }

    /// Records why a message failed.
    pub fn set_failure(&self, id: &str, failure: Value) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(message) = state.messages.iter_mut().rev().find(|each| each.id == id) {
            message.failure = failure;
        }
    }

    /// All messages, oldest first.
    pub fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).messages.clone()
    }

    pub fn find(&self, id: &str) -> Option<Message> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.messages.iter().rev().find(|each| each.id == id).cloned()
    }
}

impl StoreState {
    /// Errors are ignored: on a full disk the messages in memory are still complete.
    fn append(&mut self, event: &Value) {
        if let Some(file) = &mut self.file {
            let _ = file.write_all(format!("{event}\n").as_bytes());
        }
    }
}

/// Loads the messages of a file. Incomplete lines are skipped.
fn load(path: &Path) -> std::io::Result<Vec<Message>> {
    let mut messages: Vec<Message> = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let Ok(event) = serde_json::from_str::<Value>(&line?) else { continue };
        if let Some(message) = event.get("accepted") {
            messages.extend(Message::deserialize(message).ok());
        }
        let id = crate::json::text(&event, "/status/id");
        let found = id.and_then(|id| messages.iter_mut().rev().find(|each| each.id == id));
        if let (Some(message), Some(status)) = (found, crate::json::text(&event, "/status/status"))
        {
            message.status = String::from(status);
        }
    }
    Ok(messages)
}
