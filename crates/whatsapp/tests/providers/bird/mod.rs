//! Both generations of Bird.

mod channels;
mod channels_responses;
mod signatures;
mod v1;
mod v1_events;
mod v1_responses;

use std::sync::Arc;

use serde_json::Value;
use whatsapp::{MessageProvider, SettingsSource, providers};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::method};

use crate::support::{Settings, context};

pub const API_KEY: &str = "bk_eu1_4c7f0d2be8a94f6c";
pub const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
pub const SIGNING_KEY: &str = "bird-signing-key-1";
pub const ACCESS_KEY: &str = "6Nq2nrPmX9h1w0sZ";
pub const WORKSPACE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
pub const CHANNEL: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa7";
pub const SMS_CHANNEL: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa8";
pub const PROJECT: &str = "8f2b1c3d-0000-4000-8000-000000000001";
pub const WHATSAPP_ID: &str = "wam_01jqa0000000000000000000ab";
pub const SMS_ID: &str = "sms_01jqa0000000000000000000ab";

/// The settings of a workspace at the platform of 2026.
pub fn v1_settings() -> Settings {
    Settings::new([
        ("BIRD_V1_API_KEY", API_KEY),
        ("BIRD_V1_WEBHOOK_SECRET", SECRET),
        ("BIRD_V1_SMS_FROM", "Marigold"),
    ])
}

/// The settings of a workspace with Channels.
pub fn channels_settings() -> Settings {
    let projects = ["login", "reset", "payment", "phone", "step_up", "password_changed"]
        .map(|kind| format!("{kind}={PROJECT}"))
        .join(", ");
    Settings::new([
        ("BIRD_ACCESS_KEY", ACCESS_KEY),
        ("BIRD_WORKSPACE_ID", WORKSPACE),
        ("BIRD_CHANNEL_ID", CHANNEL),
        ("BIRD_SMS_CHANNEL_ID", SMS_CHANNEL),
        ("BIRD_SIGNING_KEY", SIGNING_KEY),
    ])
    .with("BIRD_TEMPLATES", &projects)
}

/// The name of the provider that these settings are for.
fn name_of(settings: &mut Settings) -> &'static str {
    if settings.optional("BIRD_WORKSPACE_ID").is_some() { "bird-channels" } else { "bird" }
}

pub fn open(mut settings: Settings) -> Option<Arc<dyn MessageProvider>> {
    let name = name_of(&mut settings);
    providers::open(name, &mut settings, &context()).unwrap()
}

pub fn refused_names(mut settings: Settings) -> Vec<&'static str> {
    let name = name_of(&mut settings);
    refused(name, settings).into_iter().map(|(name, _)| name).collect()
}

/// The settings that a provider refuses, sorted, each with its problem.
fn refused(name: &str, mut settings: Settings) -> Vec<(&'static str, String)> {
    assert!(providers::open(name, &mut settings, &context()).unwrap().is_none());
    settings.refused.sort();
    settings.refused
}

/// A server with this answer to every POST, and 404 to everything else.
pub async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    server
}

pub fn json_answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

pub fn v1_at(address: &str) -> Arc<dyn MessageProvider> {
    open(v1_settings().with("BIRD_V1_BASE_URL", address)).unwrap()
}

pub fn channels_at(address: &str) -> Arc<dyn MessageProvider> {
    open(channels_settings().with("BIRD_BASE_URL", address)).unwrap()
}

pub async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

#[test]
fn every_wrong_setting_is_reported_at_once() {
    assert!(open(v1_settings()).is_some() && open(channels_settings()).is_some());
    let names = |name| refused(name, Settings::default()).into_iter().map(|(name, _)| name);
    let all = [
        "BIRD_ACCESS_KEY",
        "BIRD_CHANNEL_ID",
        "BIRD_SIGNING_KEY",
        "BIRD_TEMPLATES",
        "BIRD_WORKSPACE_ID",
    ];
    assert_eq!(names("bird-channels").collect::<Vec<_>>(), all);
    assert_eq!(names("bird").collect::<Vec<_>>(), ["BIRD_V1_API_KEY", "BIRD_V1_WEBHOOK_SECRET"]);
    let v1 = v1_settings();
    assert_eq!(refused_names(v1.without("BIRD_V1_WEBHOOK_SECRET")), ["BIRD_V1_WEBHOOK_SECRET"]);
    for (name, value) in [
        ("BIRD_V1_WEBHOOK_SECRET", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
        ("BIRD_V1_WEBHOOK_SECRET", "whsec_"),
        ("BIRD_V1_SMS_FROM", "a name too long"),
        ("BIRD_V1_SMS_FROM", "1234"),
        ("BIRD_V1_TEMPLATE", "Bird OTP"),
        ("BIRD_V1_FROM", "447700900100"),
        // Bird's own template has a number already; a template of the shop needs one.
        ("BIRD_V1_FROM", "+447700900100"),
    ] {
        assert_eq!(refused_names(v1_settings().with(name, value)), [name], "{value}");
    }
    let own = v1_settings().with("BIRD_V1_TEMPLATE", "shop_code");
    let own = own.with("BIRD_V1_SMS_FROM", "1234");
    assert_eq!(refused_names(own), ["BIRD_V1_FROM", "BIRD_V1_SMS_FROM"]);
    let incomplete = format!("login={PROJECT},reset={PROJECT},payment={PROJECT},phone={PROJECT}");
    for (name, value) in [
        ("BIRD_TEMPLATES", incomplete.as_str()),
        ("BIRD_TEMPLATES", "login"),
        ("BIRD_TEMPLATES", "login=1"),
        ("BIRD_TEMPLATES", "hello=8f2b1c3d-0000-4000-8000-000000000001"),
        ("BIRD_TEMPLATE_PARAMETER", "the code"),
        ("BIRD_CHANNEL_ID", "whatsapp"),
        ("BIRD_SMS_CHANNEL_ID", "sms"),
        ("BIRD_ACCESS_KEY", "a\nb"),
    ] {
        assert_eq!(refused_names(channels_settings().with(name, value)), [name], "{value}");
    }
}

#[test]
fn settings_of_the_other_generation_are_refused_with_its_name() {
    for (name, settings, setting, other, right) in [
        ("bird", channels_settings(), "BIRD_V1_API_KEY", "BIRD_ACCESS_KEY", "bird-channels"),
        ("bird-channels", v1_settings(), "BIRD_ACCESS_KEY", "BIRD_V1_API_KEY", "bird"),
    ] {
        let refused = refused(name, settings);
        let [(refused, problem)] = &refused[..] else { panic!("{refused:?}") };
        assert_eq!(*refused, "MARIGOLD_PROVIDERS");
        assert!(
            problem.contains(setting)
                && problem.contains(other)
                && problem.ends_with(&format!(" {right}")),
            "{problem}"
        );
    }
}

#[test]
fn each_generation_is_called_at_its_name_and_at_the_address_of_before() {
    let (platform, channels) = (open(v1_settings()).unwrap(), open(channels_settings()).unwrap());
    assert_eq!((platform.name(), channels.name()), ("bird", "bird-channels"));
    for (name, by_platform, by_channels) in [
        ("bird", true, true),
        ("bird-channels", false, true),
        ("messagebird", false, false),
        ("Bird", false, false),
        ("", false, false),
    ] {
        assert_eq!(platform.is_called_at(name), by_platform, "{name}");
        assert_eq!(channels.is_called_at(name), by_channels, "{name}");
    }
}

#[test]
fn the_region_of_a_key_is_its_second_part() {
    struct Noting(Settings, Vec<String>);
    impl SettingsSource for Noting {
        fn optional(&mut self, name: &'static str) -> Option<String> {
            self.0.optional(name)
        }
        fn refuse(&mut self, name: &'static str, problem: &str, example: &str) {
            self.0.refuse(name, problem, example);
        }
        fn note_default(&mut self, name: &'static str, value: &str) {
            self.1.push(format!("{name}={value}"));
        }
    }
    for (key, region) in [
        ("bk_eu1_4c7f0d2be8a94f6c", "eu1"),
        ("bm_eu1_4c7f0d2be8a94f6c", "eu1"),
        ("bx_eu1_x_y", "eu1"),
        ("bk_us1_4c7f0d2be8a94f6c", "us1"),
        ("bm_us1_4c7f0d2be8a94f6c", "us1"),
        ("bk_4c7f0d2be8a94f6c", "us1"),
        ("eu1", "us1"),
        ("bk_us1_eu1_", "us1"),
    ] {
        let mut source = Noting(v1_settings().with("BIRD_V1_API_KEY", key), Vec::new());
        assert!(providers::open("bird", &mut source, &context()).unwrap().is_some());
        let expected = format!("BIRD_V1_BASE_URL=https://{region}.platform.bird.com");
        assert!(source.1.contains(&expected), "{key}: {:?}", source.1);
    }
}
