//! What a restored database must not open.

use std::time::Duration;

use domain::{AccountId, DeviceId, PermissionId, PhoneChangeRequestId, SignInId, Timestamp};
use store::{
    Db, Device, EndedAccess, Permission, PermissionTo, PhoneChangeRequest, RecoveryCodeSet,
    SignInExpiry,
};

use crate::{codes, commerce, harness::contract};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);
const LATER: Timestamp = Timestamp::from_millis(1_700_000_060_000);

/// Makes one live row of each kind for an account.
async fn open_everything(db: &Db, account: &AccountId) {
    let id = account.clone();
    let (created_at, expires_at) = (NOW, NOW + HOUR);
    store::transaction!(db, |tx| {
        tx.challenges().insert(&codes::challenge(1)).await?;
        let sign_in = SignInId::from_bits(1);
        tx.sign_ins().insert(&sign_in, &id, "Browser", NOW).await?;
        tx.sessions().create("session", "{}", expires_at).await?;
        let device = Device {
            id: DeviceId::from_bits(1),
            account: id.clone(),
            user_agent: "Browser".into(),
            created_at,
            last_used_at: NOW,
            expires_at,
        };
        tx.devices().insert(&device, "token").await?;
        let set = RecoveryCodeSet {
            account: id.clone(),
            key_id: "key".into(),
            nonce: Some("00".into()),
            sign_in,
            shown_until: expires_at,
            created_at,
            saved_at: None,
        };
        tx.recovery_codes().replace(&set, &["one".into(), "two".into()]).await?;
        for to in [PermissionTo::SetPassword, PermissionTo::SetPhone] {
            let permission = Permission {
                id: PermissionId::from_bits(1),
                to,
                account: id.clone(),
                browser_digest: "browser".into(),
                created_at,
                expires_at,
            };
            tx.permissions().insert(&permission).await?;
        }
        let request = PhoneChangeRequest {
            id: PhoneChangeRequestId::from_bits(1),
            account: id.clone(),
            started_by: id,
            started_at: NOW,
            ready_at: NOW,
            expires_at,
        };
        tx.phone_change_requests().start(&request).await
    })
    .await
    .unwrap();
}

contract!(x136_after_a_restore_nothing_of_before_opens_anything, async |db: Db| {
    let account = commerce::account(&db, 1).await;
    open_everything(&db, &account).await;
    let end = || store::transaction!(db, |tx| tx.live_access().end_all(LATER).await);
    let expected = EndedAccess {
        codes: 1,
        recovery_codes: 2,
        sign_ins: 1,
        sessions: 1,
        trusted_devices: 1,
        permissions: 3,
    };
    assert_eq!(end().await.unwrap(), expected);
    assert_eq!(end().await.unwrap(), EndedAccess::default(), "nothing is live any more");
    let mut rows = db.read().await.unwrap();
    let challenge = rows.challenges().find(&codes::challenge(1).id).await.unwrap().unwrap();
    assert_eq!(challenge.revoked_at, Some(LATER));
    let expiry = SignInExpiry { last_seen_at: NOW - HOUR, created_at: NOW - HOUR };
    assert!(rows.sign_ins().resume(&SignInId::from_bits(1), expiry).await.unwrap().is_none());
    assert!(rows.sessions().load("session", LATER).await.unwrap().is_none());
    assert!(!rows.devices().is_trusted("token", &account, LATER).await.unwrap());
    assert!(!rows.recovery_codes().is_unused(&account, "one").await.unwrap());
    let set = rows.recovery_codes().find_set(&account).await.unwrap().unwrap();
    assert_eq!(set.nonce, None);
    for to in [PermissionTo::SetPassword, PermissionTo::SetPhone] {
        assert!(rows.permissions().find(to, "browser", LATER).await.unwrap().is_none());
    }
    assert!(rows.phone_change_requests().find_open(&account, LATER).await.unwrap().is_none());
});
