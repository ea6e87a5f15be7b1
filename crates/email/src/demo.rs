//! The mailbox of the demo: a folder with a file for each e-mail, as mail programs read them,
//! and the newest ones in memory, for the page of the simulated phones.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::EmailAddress;
use futures::future::BoxFuture;

use crate::{Email, Mailer, SendError, Sender, Text};

/// How many e-mails the page shows.
const MAX_SHOWN: usize = 50;

/// An e-mail that came.
#[derive(Clone, Debug)]
pub struct ReceivedEmail {
    /// The recipient.
    pub to: EmailAddress,
    /// Subject and body.
    pub text: Text,
    /// When it was sent.
    pub at: domain::Timestamp,
}

/// Keeps e-mails instead of sending them.
pub struct DemoMailbox {
    folder: PathBuf,
    sender: Sender,
    received: Mutex<VecDeque<ReceivedEmail>>,
}

impl DemoMailbox {
    /// A mailbox in this folder, which is made with the first e-mail.
    pub fn new(folder: PathBuf, sender: Sender) -> Self {
        Self { folder, sender, received: Mutex::default() }
    }

    /// The e-mails that came since the start, newest first.
    pub fn received(&self) -> Vec<ReceivedEmail> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<ReceivedEmail>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep(&self, email: &Email) -> Result<(), SendError> {
        let message = self.sender.write(email)?;
        let file = self.folder.join(format!("{}.eml", email.id));
        let written = async {
            tokio::fs::create_dir_all(&self.folder).await?;
            tokio::fs::write(file, message.formatted()).await
        };
        written.await.map_err(|error| SendError::Retry(error.to_string()))?;
        let mut received = self.lock();
        received.push_front(ReceivedEmail {
            to: email.to.clone(),
            text: email.text.clone(),
            at: email.at,
        });
        received.truncate(MAX_SHOWN);
        Ok(())
    }
}

impl Mailer for DemoMailbox {
    fn send<'a>(&'a self, email: &'a Email) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(self.keep(email))
    }
}
