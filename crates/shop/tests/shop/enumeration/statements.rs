//! The same time: whether something exists or not, the database is asked the same
//! things in the same order. That the same hashes are computed is
//! proved beside the use-cases. Nothing here is measured with a clock, which proves
//! nothing on a busy machine.
//!
//! What the whole process asks is listed, so each test needs a process of its own,
//! as nextest gives it.

use eavesdropper::{heard, heard_since};
use shop::Visitor;

use super::support::{Door, WRONG};
use crate::{
    people::{PASSWORD, Person, again},
    support::{TestShop, phone},
};

/// The statements of this process after a mark, as the driver reports them, without
/// what runs beside the requests: a provider is told how an older code ended, a
/// connection is opened.
fn asked_since(mark: usize) -> Vec<String> {
    let lines = heard_since(mark).into_iter();
    let asked = lines.filter_map(|line| {
        let (_, event) = line.split_once("sqlx::query: ")?;
        let (statement, _) = event.split_once(" rows_affected=")?;
        Some(statement.to_owned())
    });
    asked
        .filter(|one| !one.contains("PRAGMA") && !one.contains("provider_message_id from"))
        .collect()
}

/// What is asked of the database from asking for a code to the last wrong one.
async fn statements(test: &TestShop, door: &Door, visitor: &Visitor) -> Vec<String> {
    let mark = heard();
    door.ask(test, visitor).await.unwrap();
    for _ in 0..6 {
        assert!(door.answer(test, visitor, "000000").await.is_err());
    }
    assert!(test.codes().resend(visitor, door.purpose()).await.is_err());
    asked_since(mark)
}

/// Every door is asked in a shop of its own, so that nothing is left from the others.
async fn assert_same(doors: &[Door]) {
    let mut all = Vec::new();
    for door in doors {
        let test = TestShop::new().await;
        Person::new(&test, 1).await;
        all.push(statements(&test, door, &test.visitor()).await);
    }
    assert!(all[0].len() > 30, "they were heard: {:#?}", all[0]);
    for (door, statements) in doors.iter().zip(&all) {
        assert_eq!(&all[0], statements, "{door:?}");
    }
}

#[tokio::test]
async fn x46_signing_in_asks_the_same_whatever_was_typed() {
    assert_same(&[
        Door::login("person1@example.com", PASSWORD),
        Door::login("person1@example.com", WRONG),
        Door::login("nobody@example.com", PASSWORD),
    ])
    .await;
}

#[tokio::test]
async fn x46_x47_a_reset_asks_the_same_whoever_is_named() {
    assert_same(&["person1@example.com", "nobody@example.com"].map(|it| Door::Reset(it.into())))
        .await;
    assert_same(&[1, 2].map(|number| Door::Reset(phone(number).expose().into()))).await;
}

#[tokio::test]
async fn x46_x49_a_registration_asks_the_same_taken_or_free() {
    let taken_address = Door::RegisterWith { email: "person1@example.com".into(), number: 3 };
    assert_same(&[Door::Register { number: 2 }, Door::Register { number: 1 }, taken_address]).await;
}

#[tokio::test]
async fn x46_x49_a_new_phone_asks_the_same_taken_or_free() {
    let mut all = Vec::new();
    for number in [1, 2] {
        let test = TestShop::new().await;
        Person::new(&test, 1).await;
        let person = Person::new(&test, 3).await;
        let visitor = person.signed_in(&test).await;
        test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
        let code = test.last_code(&person.phone).await;
        test.account().verify_step_up(&visitor, &code).await.unwrap();
        let visitor = again(&test, &visitor).await.unwrap();
        let mark = heard();
        test.account().begin_phone_change(&visitor, phone(number).expose()).await.unwrap();
        for _ in 0..6 {
            assert!(test.account().verify_phone_change(&visitor, "000000").await.is_err());
        }
        all.push(asked_since(mark));
    }
    assert!(all[0].len() > 20);
    assert_eq!(all[0], all[1]);
}
