//! Timing: known and unknown identifiers cause the same statements in the same order (X-46,
//! Tests of the use cases prove that the same hashes are computed. Nothing is measured
//! with a clock, which proves nothing on a busy machine.
//!
//! The statements of the whole process are listed, so each test needs a process of its own, as
//! nextest starts it.

use domain::Refusal;
use shop::Visitor;
use test_support::secret_scan::{lines_since, log_len};

use super::support::{EntryPoint, WRONG};
use crate::{
    people::{PASSWORD, Person, again, refusal},
    support::{TestShop, phone},
};

/// The statements of this process after a mark, as the driver reports them, without those that
/// run beside the requests: the report of verification outcomes, and opening a connection.
fn statements_since(mark: usize) -> Vec<String> {
    let lines = lines_since(mark).into_iter();
    let asked = lines.filter_map(|line| {
        let (_, event) = line.split_once("sqlx::query: ")?;
        let (statement, _) = event.split_once(" rows_affected=")?;
        Some(statement.to_owned())
    });
    asked
        .filter(|one| !one.contains("PRAGMA") && !one.contains("provider_message_id from"))
        .collect()
}

/// The statements from the request of a code to the last wrong code.
async fn statements(test: &TestShop, entry_point: &EntryPoint, visitor: &Visitor) -> Vec<String> {
    let mark = log_len();
    entry_point.ask(test, visitor).await.unwrap();
    for _ in 0..6 {
        assert!(entry_point.answer(test, visitor, "000000").await.is_err());
    }
    assert!(test.codes().resend(visitor, entry_point.purpose()).await.is_err());
    statements_since(mark)
}

/// Each entry point runs in a shop of its own, so that none affects another.
async fn assert_same(entry_points: &[EntryPoint]) {
    let mut all = Vec::new();
    for entry_point in entry_points {
        let test = TestShop::new().await;
        Person::new(&test, 1).await;
        all.push(statements(&test, entry_point, &test.visitor()).await);
    }
    assert!(all[0].len() > 30, "they were heard: {:#?}", all[0]);
    for (entry_point, statements) in entry_points.iter().zip(&all) {
        assert_eq!(&all[0], statements, "{entry_point:?}");
    }
}

/// From the first attempt to the refusals of an address that reached its limit, with the
/// token of a device that another account trusts, and without one.
#[tokio::test]
async fn x46_a_refused_sign_in_runs_the_same_statements_whatever_was_typed() {
    let tries = [
        ("person1@example.com", WRONG),
        ("person2@example.com", PASSWORD),
        ("nobody@example.com", PASSWORD),
    ];
    for has_token in [false, true] {
        let mut all = Vec::new();
        for (email, password) in tries {
            let test = TestShop::new().await;
            Person::new(&test, 1).await;
            Person::disabled(&test, 2).await;
            let (_, token) = Person::new(&test, 3).await.trusted(&test).await;
            let token = has_token.then_some(&*token);
            let mark = log_len();
            for attempt in 0..12 {
                let begun =
                    test.sign_in().begin(&test.visitor(), email, password.into(), token).await;
                let is_locked = refusal(begun) != Refusal::WrongCredentials;
                assert_eq!(is_locked, attempt >= 10, "{email}: attempt {attempt}");
            }
            all.push(statements_since(mark));
        }
        assert!(all[0].len() > 60, "they were heard: {:#?}", all[0]);
        assert_eq!(all[0], all[1], "disabled");
        assert_eq!(all[0], all[2], "unknown");
    }
}

#[tokio::test]
async fn x46_x47_a_reset_runs_the_same_statements_known_or_unknown() {
    assert_same(
        &["person1@example.com", "nobody@example.com"].map(|it| EntryPoint::Reset(it.into())),
    )
    .await;
    assert_same(&[1, 2].map(|number| EntryPoint::Reset(phone(number).expose().into()))).await;
}

#[tokio::test]
async fn x46_x49_a_registration_runs_the_same_statements_taken_or_free() {
    let taken_address = EntryPoint::RegisterWith { email: "person1@example.com".into(), number: 3 };
    assert_same(&[
        EntryPoint::Register { number: 2 },
        EntryPoint::Register { number: 1 },
        taken_address,
    ])
    .await;
}

#[tokio::test]
async fn x46_x49_a_new_phone_runs_the_same_statements_taken_or_free() {
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
        let mark = log_len();
        test.account().begin_phone_change(&visitor, phone(number).expose()).await.unwrap();
        for _ in 0..6 {
            assert!(test.account().verify_phone_change(&visitor, "000000").await.is_err());
        }
        all.push(statements_since(mark));
    }
    assert!(all[0].len() > 20);
    assert_eq!(all[0], all[1]);
}
