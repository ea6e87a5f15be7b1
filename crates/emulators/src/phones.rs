//! What the phones got: every accepted message, in memory and perhaps in a file.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::Status;

/// How a message reaches the phone.
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
    /// How it goes.
    pub channel: Channel,
    /// The one-time code in it, if there is one.
    pub code: Option<String>,
    /// The template's name, if it was made from one.
    pub template: Option<String>,
    /// The template's language.
    pub language: Option<String>,
    /// The text as the recipient reads it, where the twin knows it.
    pub text: Option<String>,
    /// What the sender wants to hear again in each report.
    pub reference: Option<String>,
    /// Where reports go, if the request said so.
    pub callback: Option<String>,
    /// Whatever else the provider repeats in its reports.
    #[serde(default)]
    pub details: Value,
    /// Seconds that the message may wait before it is dropped, if the request said so.
    pub time_to_live: Option<i64>,
    /// Unix seconds.
    pub accepted_at: i64,
    /// `accepted`, and then as the reports say.
    pub status: String,
}

impl Message {
    /// A message that was just accepted.
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
        }
    }

    /// The recipient's digits.
    pub(crate) fn digits(&self) -> &str {
        self.to.trim_start_matches('+')
    }
}

/// Every accepted message.
#[derive(Debug)]
pub(crate) struct Phones(Mutex<State>);

#[derive(Debug)]
struct State {
    messages: Vec<Message>,
    file: Option<File>,
}

impl Phones {
    /// Reads the messages of earlier starts, if a file is given, and goes on appending to it.
    pub fn open(path: Option<&Path>) -> std::io::Result<Self> {
        let mut messages = Vec::new();
        let file = match path {
            None => None,
            Some(path) => {
                if path.exists() {
                    messages = replay(path)?;
                }
                Some(OpenOptions::new().create(true).append(true).open(path)?)
            }
        };
        Ok(Self(Mutex::new(State { messages, file })))
    }

    /// Takes a message.
    pub fn accept(&self, message: &Message) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.append(&json!({ "accepted": message }));
        state.messages.push(message.clone());
    }

    /// Records what became of a message.
    pub fn mark(&self, id: &str, status: Status) {
        self.edit(id, status.word());
    }

    /// Records a status in the provider's own words.
    pub fn edit(&self, id: &str, status: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.append(&json!({ "status": { "id": id, "status": status } }));
        if let Some(message) = state.messages.iter_mut().rev().find(|each| each.id == id) {
            message.status = String::from(status);
        }
    }

    /// Every message, oldest first.
    pub fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).messages.clone()
    }

    /// A message by its identifier.
    pub fn find(&self, id: &str) -> Option<Message> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.messages.iter().rev().find(|each| each.id == id).cloned()
    }
}

impl State {
    /// A full disk does not stop the twin: what is in memory stays right.
    fn append(&mut self, event: &Value) {
        if let Some(file) = &mut self.file {
            let _ = file.write_all(format!("{event}\n").as_bytes());
        }
    }
}

/// The messages that a file of earlier starts tells of. A line that broke off is passed over.
fn replay(path: &Path) -> std::io::Result<Vec<Message>> {
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
