//! A code requested at registration for a phone number that has an account: the owner is sent
//! a notice instead.
//!
//! This is decided when the message is dispatched and not in the request, so that a request
//! does the same work for a registered and an unknown number. The notice takes the row
//! of the code, so that the page, which follows that row, shows the status of a real message
//! in both cases.

use domain::{MessageKind, Purpose};
use store::{Message, Recipient, transaction};

use super::{Delivery, routing::Route};
use crate::error::{Error, Result};

impl Delivery {
    /// Turns a decoy for a registered number into the notice to its owner. It stays a decoy
    /// if the phone's limit is reached or no provider sends such notices.
    pub(super) async fn replace_by_notice(&self, message: &mut Message) -> Result<()> {
        let (MessageKind::Code(Purpose::Phone), Recipient::DecoyPhone(phone)) =
            (message.new.kind, message.new.to.clone())
        else {
            return Ok(());
        };
        let owner = self.db.read().await?.accounts().find_by_phone(&phone).await?;
        let Some(owner) = owner else { return Ok(()) };
        let mut notice = message.clone();
        notice.new.kind = MessageKind::AccountExists;
        notice.new.language = owner.language;
        notice.new.to = Recipient::Phone(phone);
        notice.new.account = Some(owner.id);
        if matches!(self.select_provider(&notice, &[]).await?, Route::None { .. }) {
            return Ok(());
        }
        let (limits, clock, row) = (self.limits.clone(), self.clock.clone(), notice.clone());
        let is_notice = transaction!(self.db, |tx| {
            let now = clock.now();
            if !limits.may_notify(tx, &row.new.to, row.new.kind, now).await? {
                return Ok::<_, Error>(false);
            }
            Ok(tx.messages().replace_content(&row.lease(), &row.new).await?)
        });
        if is_notice.await? {
            *message = notice;
        }
        Ok(())
    }
}
