//! Sending the outbox of e-mails. An e-mail is claimed with a lease, written then, and handed to
//! the mail server. When a process dies, its lease expires, and the same e-mail with the same
//! `Message-ID` is sent again.

use std::time::Duration;

use domain::{EmailKind, Timestamp};
use email::{Email, SendError, Text};
use futures::{StreamExt, stream};
use store::{Db, QueuedEmail, transaction};
use time::{OffsetDateTime, macros::format_description};
use whatsapp::template;

use super::{MailServer, token};
use crate::{
    clock::Clock,
    error::{Error, Fault, Result},
    keys::KeyRing,
};

/// How many e-mails one round claims.
const BATCH_SIZE: u32 = 20;
/// How many e-mails are sent at the same time.
const MAX_CONCURRENT_SENDS: usize = 4;
/// How long the mail server may take for one e-mail.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a claimed e-mail is left to its claimer: longer than a whole batch can take.
const SEND_LEASE: Duration = Duration::from_secs(10 * 60);
/// The wait after the first failure; it doubles each time.
const FIRST_RETRY_DELAY: Duration = Duration::from_secs(30);
/// The longest wait between two attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60 * 60);
/// How long e-mails are kept after they left the outbox.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Sends e-mails.
pub struct EmailDelivery<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) keys: &'s KeyRing,
    pub(crate) shop_name: &'s str,
    /// How people reach the shop.
    pub(crate) contact: &'s str,
    /// `None` if the shop sends no e-mail.
    pub(crate) server: Option<&'s MailServer>,
}

impl EmailDelivery<'_> {
    /// Sends what is due, and returns how many e-mails there were.
    pub async fn run_due(&self) -> Result<usize> {
        let Some(server) = self.server else { return Ok(0) };
        let mut count = 0;
        loop {
            let now = self.clock.now();
            let until = now + SEND_LEASE;
            let claimed =
                transaction!(self.db, |tx| tx.emails().claim(BATCH_SIZE, until, now).await).await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            count += claimed.len();
            let mut sending = stream::iter(claimed)
                .map(|email| self.send(server, email))
                .buffer_unordered(MAX_CONCURRENT_SENDS);
            while let Some(sent) = sending.next().await {
                sent.unwrap_or_else(|error| report(&error));
            }
        }
    }

    /// Deletes old e-mails, and links that cannot be used any more.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.emails().delete_old(now - RETENTION).await?;
            tx.email_confirmations().delete_expired(now).await?;
            Ok(())
        })
        .await
    }

    async fn send(&self, server: &MailServer, email: QueuedEmail) -> Result<()> {
        if email.new.expires_at <= self.clock.now() {
            return self.record(email, Outcome::Failed("it was not sent in time".into())).await;
        }
        let Some(text) = self.text(server, &email).await? else {
            return self.record(email, Outcome::Failed("its link has expired".into())).await;
        };
        let (id, to) = (email.new.id.clone(), email.new.to.clone());
        let letter = Email { id, to, text, at: email.new.created_at };
        let sent = tokio::time::timeout(SEND_TIMEOUT, server.mailer.send(&letter)).await;
        let late = || Err(SendError::Retry("the server did not answer in time".to_owned()));
        let outcome = match sent.unwrap_or_else(|_| late()) {
            Ok(()) => Outcome::Sent,
            Err(SendError::Refused(why)) => Outcome::Failed(why),
            Err(SendError::Retry(why)) => {
                let at = self.clock.now() + retry_delay(email.attempts);
                if at < email.new.expires_at {
                    Outcome::Later(at, why)
                } else {
                    Outcome::Failed(why)
                }
            }
        };
        self.record(email, outcome).await
    }

    async fn record(&self, email: QueuedEmail, outcome: Outcome) -> Result<()> {
        let (email_id, now) = (email.new.id.clone(), self.clock.now());
        if let Outcome::Failed(why) = &outcome {
            let event = "email.failed";
            tracing::warn!(event, %email_id, error = %why, "an e-mail was not sent");
        }
        transaction!(self.db, |tx| {
            let mut rows = tx.emails();
            match &outcome {
                Outcome::Sent => rows.mark_sent(&email, now).await,
                Outcome::Later(at, why) => rows.retry(&email, *at, why).await,
                Outcome::Failed(why) => rows.fail(&email, why).await,
            }
        })
        .await?;
        Ok(())
    }

    /// Subject and body; `None` if the link cannot be used any more.
    async fn text(&self, server: &MailServer, email: &QueuedEmail) -> Result<Option<Text>> {
        let (language, shop) = (email.new.language, self.shop_name);
        match email.new.kind {
            EmailKind::Notice(kind) => {
                let body = template::notice_body(kind, language);
                let body = body.ok_or(Fault::Broken("emails.kind"))?.replace("{{1}}", shop);
                Ok(Some(email::notice(language, shop, self.contact, &body)))
            }
            EmailKind::ConfirmAddress => {
                let Some(id) = &email.new.confirmation else { return Ok(None) };
                let found = self.db.read().await?.email_confirmations().find(id).await?;
                let Some(confirmation) = found else { return Ok(None) };
                let token = token(self.keys, &confirmation)?;
                let link = format!("{}{token}", server.confirmation_link);
                Ok(Some(email::confirmation(language, shop, &link)))
            }
            EmailKind::WithdrawalReceipt => {
                let Some(id) = &email.new.withdrawal else { return Ok(None) };
                let found = self.db.read().await?.withdrawals().find(id).await?;
                Ok(found.map(|notice| {
                    let at = written(notice.received_at);
                    let (number, name) = (&notice.order_number, &notice.name);
                    email::withdrawal_receipt(language, shop, [number, name, &at])
                }))
            }
        }
    }
}

/// A fault concerns one e-mail, which is sent again when its lease expires.
fn report(error: &Error) {
    tracing::error!(
        event = "email.delivery_failed",
        error = %domain::Causes(error),
        "sending an e-mail failed"
    );
}

/// Date and time for people in every zone and language.
fn written(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let moment = OffsetDateTime::from_unix_timestamp(at.as_millis().div_euclid(1_000));
    moment.ok().and_then(|moment| moment.format(format).ok()).unwrap_or_default()
}

/// What became of an e-mail.
enum Outcome {
    Sent,
    Later(Timestamp, String),
    Failed(String),
}

/// The wait after so many attempts.
fn retry_delay(attempts: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
    FIRST_RETRY_DELAY.saturating_mul(doubled).min(MAX_RETRY_DELAY)
}
