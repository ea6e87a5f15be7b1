//! One person, however phone, e-mail address and password are spelt.

use std::time::Duration;

use domain::{Problem, Purpose, Refusal};
use shop::RegistrationForm;

use crate::{
    people::{PASSWORD, form, refusal},
    support::{TestShop, phone},
};

/// Registers and proves the phone.
async fn register(test: &TestShop, number: u32, form: RegistrationForm) -> shop::Result<()> {
    let visitor = test.visitor();
    test.registration().begin(&visitor, form).await?;
    let code = test.last_code(&phone(number)).await;
    test.registration().verify(&visitor, &code).await.map(|_| ())
}

#[tokio::test]
async fn one_mailbox_is_one_account_in_every_spelling() {
    let test = TestShop::new().await;
    let form = |number, email: &str| RegistrationForm { email: email.into(), ..form(number) };
    register(&test, 1, form(1, "Ada@Bücher.example")).await.unwrap();
    let spellings = [
        "ada@bücher.example",
        "ADA@BÜCHER.EXAMPLE",
        "ada@bu\u{308}cher.example",
        "ada@xn--bcher-kva.example",
        "ada@XN--BCHER-KVA.example.",
        "Ada Lovelace <ada@bücher.example>",
        "\"Lovelace, Ada\" <ada@xn--bcher-kva.example>",
        "mailto:ada@bücher.example",
    ];
    for (number, spelling) in (2..).zip(spellings) {
        let taken = refusal(register(&test, number, form(number, spelling)).await);
        assert_eq!(taken, Problem::EmailTaken.into(), "{spelling}");
        let visitor = test.visitor();
        let begun = test.sign_in().begin(&visitor, spelling, PASSWORD.into(), None).await;
        assert!(begun.is_ok(), "{spelling}");
        // The codes of a day are limited, too.
        test.clock.advance(Duration::from_secs(24 * 3_600));
    }
}

#[tokio::test]
async fn one_password_is_right_in_both_normalisation_forms() {
    let test = TestShop::new().await;
    let composed = "crème brûlée pour deux";
    let decomposed = "cre\u{300}me bru\u{302}le\u{301}e pour deux";
    for (number, chosen, typed) in [(1, composed, decomposed), (2, decomposed, composed)] {
        let form = RegistrationForm { password: chosen.into(), ..form(number) };
        let email = form.email.clone();
        register(&test, number, form).await.unwrap();
        let begun = test.sign_in().begin(&test.visitor(), &email, typed.into(), None).await;
        assert!(begun.is_ok(), "{chosen}");
        let other = typed.replace('è', "e").replace('\u{300}', "");
        let wrong = test.sign_in().begin(&test.visitor(), &email, other, None).await;
        assert_eq!(refusal(wrong), Refusal::WrongCredentials);
    }
}

#[tokio::test]
async fn x40_one_phone_has_one_budget_in_every_spelling() {
    let test = TestShop::new().await;
    let spellings = [
        "+447700900001",
        "0044 7700 900001",
        "+44 (0)7700 900001",
        "+44 07700-900001",
        "tel:+44-7700-900001",
        "＋４４ ７７００ ９００００１",
        "+٤٤ ٧٧٠٠ ٩٠٠٠٠١",
        "+४४ ७७०० ९००००१",
    ];
    let mut refused = None;
    for (number, spelling) in (1..).zip(spellings) {
        let form = RegistrationForm { phone: spelling.into(), ..form(number) };
        let visitor = test.visitor();
        match test.registration().begin(&visitor, form).await {
            Ok(()) => assert!(test.codes().status(&visitor, Purpose::Phone).await.is_ok()),
            other => {
                refused = Some(refusal(other));
                break;
            }
        }
    }
    assert!(
        matches!(refused, Some(Refusal::TooMany { .. } | Refusal::TooSoon { .. })),
        "{refused:?}"
    );
}
