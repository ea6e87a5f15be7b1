//! Every error of Meta and its class.

use domain::{Channel, DeliveryProblem};
use serde_json::{Value, json};
use whatsapp::SendError;
use wiremock::ResponseTemplate;

use super::{SECRETS, meta};
use crate::support::{
    CODE, PHONE, assert_says_nothing_secret, login,
    statuses::{answering, assert_statuses},
};

/// A class, the setting that the merchant has to change, and the codes of the class.
type Row = (&'static str, Option<&'static str>, &'static [u32]);

/// Meta's table of errors ("Error codes"), grouped by class.
pub const ERRORS: &[Row] = &[
    ("undeliverable", None, &[130403, 130472, 131021, 131026, 131030, 131049, 131050]),
    ("retry", None, &[131056]),
    ("retry", None, &[4, 17, 613, 80007, 130429]),
    ("retry", None, &[1, 2, 131000, 131016, 131057, 133004]),
    (
        "misconfigured",
        Some("template"),
        &[132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018],
    ),
    (
        "misconfigured",
        Some("the request"),
        &[
            100, 131008, 131009, 131047, 131051, 131052, 131053, 131055, 131062, 131063, 132068,
            132069, 135000, 137000,
        ],
    ),
    ("misconfigured", Some("META_ACCESS_TOKEN"), &[0, 3, 10, 104, 190, 200, 210, 299, 131005]),
    ("misconfigured", Some("META_PHONE_NUMBER_ID"), &[33]),
    (
        "fail_over",
        None,
        &[
            368, 130497, 131031, 131037, 131042, 131045, 131048, 131064, 133000, 133005, 133006,
            133008, 133009, 133010, 133015, 133016, 134011,
        ],
    ),
    ("unrecognised", None, &[5, 300, 131020, 131999, 139000, 999_999, 1_000_000, u32::MAX]),
];

/// An error object of Meta, whose texts contain secrets that must not be kept.
pub fn error(code: u32) -> Value {
    json!({ "error": {
        "message": format!("(#{code}) something about {PHONE} and {CODE}"),
        "type": "OAuthException",
        "code": code,
        "error_data": {
            "messaging_product": "whatsapp",
            "details": format!("the parameter {CODE} for {PHONE}"),
        },
        "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
    }})
}

async fn answer(status: u16, body: Value) -> SendError {
    let server = answering(ResponseTemplate::new(status).set_body_json(body)).await;
    meta(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err()
}

#[tokio::test]
async fn every_error_is_classified_by_its_code_only() {
    for (class, setting, codes) in ERRORS {
        for code in *codes {
            for status in [400, 401, 404, 500] {
                let error = answer(status, error(*code)).await;
                assert_eq!(error.class(), *class, "{code} with {status}");
                let shown = error.to_string();
                assert!(shown.contains(&format!("{code}: ")), "{shown}");
                assert!(setting.is_none_or(|setting| shown.contains(setting)), "{shown}");
                assert_says_nothing_secret(&format!("{error:?} {shown}"), &SECRETS);
            }
        }
    }
}

#[tokio::test]
async fn the_recipient_sees_only_a_problem_of_the_number_or_the_shop() {
    assert_eq!(answer(400, error(131026)).await.problem(), DeliveryProblem::Unreachable);
    for code in [131042, 132001, 190, 130429] {
        assert_eq!(answer(400, error(code)).await.problem(), DeliveryProblem::Trouble);
    }
}

#[tokio::test]
async fn the_pair_rate_limit_waits_at_least_six_seconds() {
    let SendError::Retry { after_seconds, .. } = answer(400, error(131056)).await else {
        panic!("the error must be retried");
    };
    assert_eq!(after_seconds, Some(6));
}

#[tokio::test]
async fn the_retry_after_header_is_respected() {
    let response =
        ResponseTemplate::new(429).insert_header("retry-after", "30").set_body_json(error(130429));
    let server = answering(response).await;
    let sent = meta(&server.uri()).send(&login(Channel::WhatsApp)).await;
    let Err(SendError::Retry { after_seconds, .. }) = sent else { panic!("{sent:?}") };
    assert_eq!(after_seconds, Some(30));
}

#[tokio::test]
async fn an_unknown_object_points_at_the_setting_of_the_number() {
    let mut body = error(100);
    body["error"]["error_subcode"] = 33.into();
    let shown = answer(400, body).await.to_string();
    assert!(shown.contains("META_PHONE_NUMBER_ID"), "{shown}");
}

#[tokio::test]
async fn errors_without_a_code_are_classified_by_their_status() {
    assert_statuses(meta).await;
}
