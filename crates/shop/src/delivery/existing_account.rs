//! A code that was asked for with a number that has an account: its owner is sent a
//! note in its place.
//!
//! It happens when the message comes up, and not in the request, so that a request
//! does the same work whether a number is taken or free. And it happens in
//! the same row, so that the page, which follows the message, sees a real one either
//! way: delivered, read, or not to be reached.

use domain::{MessageKind, Purpose};
use store::{Message, Recipient};

use super::{Delivery, routing::Route};
use crate::Result;

impl Delivery<'_> {
    /// Makes of a decoy to a taken number the note to its owner, unless the phone has
    /// had enough or nobody carries such notes; then it stays a decoy.
    pub(super) async fn become_note(&self, message: &mut Message) -> Result<()> {
        let (MessageKind::Code(Purpose::Phone), Recipient::DecoyPhone(phone)) =
            (message.new.kind, message.new.to.clone())
        else {
            return Ok(());
        };
        let owner = self.0.db().read().await?.accounts().find_by_phone(&phone).await?;
        let Some(owner) = owner else { return Ok(()) };
        let mut note = message.clone();
        note.new.kind = MessageKind::AccountExists;
        note.new.language = owner.language;
        note.new.to = Recipient::Phone(phone);
        note.new.account = Some(owner.id);
        if matches!(self.choose(&note, &[]).await?, Route::None { .. }) {
            return Ok(());
        }
        let (shop, row) = (self.0.clone(), note.clone());
        let is_note = self.0.db().write(move |tx| {
            Box::pin(async move {
                let now = shop.clock().now();
                if !shop.limits().may_notify(tx, &row.new.to, now).await? {
                    return Ok::<_, crate::Error>(false);
                }
                Ok(tx.messages().replace_content(&row.lease(), &row.new).await?)
            })
        });
        if is_note.await? {
            *message = note;
        }
        Ok(())
    }
}
