//! The signatures of webhooks against published test vectors.
//!
//! `tests/data/signatures.json` holds vectors of twilio-node and
//! twilio-python (MIT), of MessageBird's SDKs (BSD-2-Clause), and vectors
//! computed from the documented rules of Meta, Bird and Standard Webhooks.

use emulators::sign::{self, Algorithm, Claims};
use serde_json::Value;

fn vectors(section: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../data/signatures.json")).unwrap();
    let vectors = all[section].as_array().unwrap().clone();
    assert!(!vectors.is_empty());
    vectors
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_else(|| panic!("{key} in {vector}"))
}

#[test]
fn meta_signs_the_raw_bytes() {
    for vector in vectors("meta") {
        let made = sign::meta(text(&vector, "key"), text(&vector, "body").as_bytes());
        assert_eq!(made, text(&vector, "signature"));
    }
}

#[test]
fn twilio_signs_the_address_and_the_sorted_fields() {
    for vector in vectors("twilio") {
        let form: Vec<(String, String)> = serde_json::from_value(vector["form"].clone()).unwrap();
        let made = sign::twilio(text(&vector, "key"), text(&vector, "url"), &form);
        assert_eq!(made, text(&vector, "signature"), "{}", text(&vector, "name"));
    }
}

#[test]
fn a_webhook_rule_of_twilio_signs_the_same_with_sha_256() {
    let form =
        [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("To", "whatsapp:+4915100000000")]
            .map(|(name, value)| (String::from(name), String::from(value)));
    let url = "https://shop.example.com/webhooks/twilio?x=1";
    let made = sign::twilio_rule("12345", url, &form);
    assert_eq!(made, "BmlPK2rMi1PBkpVLpTakVW5vRhSAACO2/uukOiZ0vFo=");
    assert_eq!(sign::twilio("12345", url, &form), "NEttUJafEGp6yR30krAdf502WwE=");
}

#[test]
fn messagebird_signs_a_token_over_address_and_body() {
    for vector in vectors("messagebird") {
        let claims = Claims {
            url: text(&vector, "url"),
            body: text(&vector, "body").as_bytes(),
            issued_at: vector["issued_at"].as_i64().unwrap(),
            token_id: text(&vector, "token_id"),
        };
        let algorithm =
            if text(&vector, "algorithm") == "HS384" { Algorithm::Hs384 } else { Algorithm::Hs256 };
        let made = sign::messagebird(text(&vector, "key"), algorithm, claims);
        assert_eq!(made, text(&vector, "token"), "{}", text(&vector, "name"));
    }
}

#[test]
fn messagebird_deprecated_signs_timestamp_query_and_body() {
    for vector in vectors("messagebird_deprecated") {
        let [key, timestamp, query, body] =
            ["key", "timestamp", "query", "body"].map(|key| text(&vector, key));
        let made = sign::messagebird_deprecated(key, timestamp, query, body.as_bytes());
        assert_eq!(made, text(&vector, "signature"));
    }
}

#[test]
fn bird_channels_signs_timestamp_address_and_body() {
    for vector in vectors("bird_channels") {
        let [key, timestamp, url, body] =
            ["key", "timestamp", "url", "body"].map(|key| text(&vector, key));
        let made = sign::bird_channels(key, timestamp, url, body.as_bytes());
        assert_eq!(made, text(&vector, "signature"));
    }
}

#[test]
fn standard_webhooks_signs_identifier_timestamp_and_body() {
    for vector in vectors("standard_webhooks") {
        let [key, id, timestamp, body] =
            ["key", "id", "timestamp", "body"].map(|key| text(&vector, key));
        let made = sign::standard_webhooks(key, id, timestamp, body.as_bytes());
        assert_eq!(made, text(&vector, "signature"));
    }
}
