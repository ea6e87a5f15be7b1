//! WhatsApp's ids of people, beside their numbers.

use domain::{AccountId, EmailAddress, Language, Role, Secret};
use store::{Account, Db, WhatsAppUser};

use super::{
    MINUTE, NOW, phone,
    providers::{claimed, write},
};
use crate::harness::contract;

/// An account with the phone of the message that was claimed, which provider `p` accepted as `m1`.
async fn owner(db: &Db) -> AccountId {
    let message = claimed(db).await;
    let account = Account {
        id: AccountId::from_bits(1),
        email: EmailAddress::parse("person@example.com").unwrap(),
        name: "A Person".into(),
        phone: phone(),
        phone_verified_at: NOW,
        password_hash: Secret::new("$argon2id$hash".into()),
        role: Role::Shopper,
        language: Language::English,
        created_at: NOW,
        disabled_at: None,
    };
    let id = account.id.clone();
    write(db, move |tx| {
        Box::pin(async move {
            assert!(tx.accounts().insert(&account).await?);
            assert!(tx.messages().accept(&message.new.id, "p", "m1", NOW).await?);
            Ok(())
        })
    })
    .await;
    id
}

contract!(the_ids_of_a_recipient_find_the_account_of_its_phone, async |db: Db| {
    let user = |id: &str| WhatsAppUser { id: id.into(), parent_id: Some(format!("{id}-parent")) };
    let account = owner(&db).await;
    let find =
        async |id: &str| db.read().await.unwrap().whatsapp_users().find_account(id).await.unwrap();
    let record = async |name: &'static str, id: &str, now| {
        let user = user(id);
        write(&db, move |tx| {
            Box::pin(async move { tx.whatsapp_users().record("p", name, &user, now).await })
        })
        .await;
    };
    record("nobody", "GB.1", NOW).await;
    assert_eq!(find("GB.1").await, None, "no message has this id");
    record("m1", "GB.1", NOW).await;
    record("m1", "GB.1", NOW).await;
    assert_eq!(find("GB.1").await, Some(account.clone()));
    record("m1", "GB.2", NOW).await;
    assert_eq!((find("GB.1").await, find("GB.2").await), (None, Some(account.clone())));
    let renamed = user("GB.3");
    write(&db, move |tx| {
        Box::pin(async move { tx.whatsapp_users().rename("GB.2", &renamed, NOW).await })
    })
    .await;
    assert_eq!((find("GB.2").await, find("GB.3").await), (None, Some(account.clone())));
    let deleted = write(&db, |tx| {
        Box::pin(async move { tx.whatsapp_users().delete_old(NOW + 10 * MINUTE).await })
    });
    assert_eq!(deleted.await, 0, "the number has an account");
    assert_eq!(find("GB.3").await, Some(account));
});
