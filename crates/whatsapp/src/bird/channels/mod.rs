//! Bird's Channels of a workspace: WhatsApp by template projects, which are created in the
//! dashboard, and text messages by a channel of their own.

mod check;
pub(super) mod event;
mod response;
mod send;

use std::sync::Arc;

use domain::{Channel, MessageKind, Purpose};
use futures::future::BoxFuture;
use http::{HeaderValue, Method};
use reqwest::RequestBuilder;

use super::common::RATE_LIMITS;
use crate::{
    Accepted, CheckResult, MessageProvider, OutgoingMessage, ProviderContext, RateLimits,
    SendError, SettingsSource,
};

/// The name of the provider.
pub(crate) const NAME: &str = "bird-channels";

pub(super) const ACCESS_KEY: &str = "BIRD_ACCESS_KEY";
const WORKSPACE_ID: &str = "BIRD_WORKSPACE_ID";
const CHANNEL_ID: &str = "BIRD_CHANNEL_ID";
const SMS_CHANNEL_ID: &str = "BIRD_SMS_CHANNEL_ID";
const TEMPLATES: &str = "BIRD_TEMPLATES";
const TEMPLATE_PARAMETER: &str = "BIRD_TEMPLATE_PARAMETER";
const BASE_URL: &str = "BIRD_BASE_URL";

const UUID: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa7";

/// A workspace and its channels.
struct BirdChannels {
    authorization: HeaderValue,
    workspace: String,
    channel: String,
    sms_channel: Option<String>,
    projects: Vec<(MessageKind, String)>,
    parameter: String,
    base_url: String,
    context: ProviderContext,
}

/// Creates the provider from its settings; reports every setting that is wrong.
pub(super) fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    let authorization =
        settings.credential(ACCESS_KEY, "AccessKey ", "the key under Settings, Access keys");
    let workspace = settings.checked(WORKSPACE_ID, UUID, uuid);
    let channel = settings.checked(CHANNEL_ID, UUID, uuid);
    let sms_channel = settings.checked_if_set(SMS_CHANNEL_ID, UUID, uuid);
    let example = format!("login={UUID},reset={UUID},payment={UUID},phone={UUID},step_up={UUID}");
    let projects = settings.checked(TEMPLATES, &example, projects);
    let parameter = settings.defaulted(TEMPLATE_PARAMETER, "code", |key| {
        let is_key = !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        is_key
            .then(|| key.to_owned())
            .ok_or_else(|| "must consist of letters, digits, hyphens and underscores".to_owned())
    });
    let base_url = settings.base_url(BASE_URL, "https://api.bird.com");
    Some(Arc::new(BirdChannels {
        authorization: authorization?,
        workspace: workspace?,
        channel: channel?,
        sms_channel: sms_channel?,
        projects: projects?,
        parameter: parameter?,
        base_url: base_url?,
        context: context.clone(),
    }))
}

/// Parses the template project of each kind, such as `login=<uuid>`. Each kind of code
/// needs a project, but that of an order look-up, which is newer than many installations: without
/// one it is sent with that of the login. A notice without one is not sent by WhatsApp.
fn projects(text: &str) -> Result<Vec<(MessageKind, String)>, String> {
    let read = |pair: &str| {
        let (kind, project) =
            pair.split_once('=').ok_or("must be pairs of kind=uuid, separated by commas")?;
        let kind = MessageKind::parse(kind.trim())
            .ok_or_else(|| format!("has an unknown kind of message: {}", kind.trim()))?;
        Ok::<_, String>((kind, uuid(project.trim())?))
    };
    let projects = text.split(',').map(read).collect::<Result<Vec<_>, _>>()?;
    let is_there =
        |purpose: &Purpose| projects.iter().any(|(kind, _)| *kind == MessageKind::Code(*purpose));
    let is_required = |purpose: &&Purpose| **purpose != Purpose::OrderLookup;
    let mut required = Purpose::ALL.iter().filter(is_required);
    match required.find(|purpose| !is_there(purpose)) {
        Some(missing) => Err(format!("has no project for the kind {}", missing.as_str())),
        None => Ok(projects),
    }
}

/// Parses a UUID as the dashboard shows it.
fn uuid(text: &str) -> Result<String, String> {
    let is_valid = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let is_uuid = text.len() == 36 && text.bytes().enumerate().all(is_valid);
    is_uuid.then(|| text.to_ascii_lowercase()).ok_or_else(|| "must be a UUID".to_owned())
}

impl BirdChannels {
    /// An authenticated request about the messages of a channel.
    fn request(&self, method: Method, channel: &str, query: &str) -> RequestBuilder {
        let url = format!(
            "{}/workspaces/{}/channels/{channel}/messages{query}",
            self.base_url, self.workspace
        );
        self.context
            .http_client
            .request(method, &url)
            .header(http::header::AUTHORIZATION, self.authorization.clone())
    }

    /// Finds the template project of a kind.
    fn find_project(&self, kind: MessageKind) -> Option<&str> {
        let of = |kind| self.projects.iter().find(|(known, _)| *known == kind);
        let fallback = || match kind {
            MessageKind::Code(Purpose::OrderLookup) => of(MessageKind::Code(Purpose::Login)),
            _ => None,
        };
        of(kind).or_else(fallback).map(|(_, project)| project.as_str())
    }
}

impl MessageProvider for BirdChannels {
    fn name(&self) -> &'static str {
        NAME
    }

    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        match channel {
            Channel::WhatsApp => self.find_project(kind).is_some(),
            Channel::Sms => self.sms_channel.is_some(),
        }
    }

    fn rate_limits(&self) -> RateLimits {
        RATE_LIMITS
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.send_message(message))
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(self.run_checks())
    }
}
