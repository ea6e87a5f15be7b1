//! The merchant's keys and identifiers at each provider.

use crate::provider::Provider;

macro_rules! account {
    ($($(#[$comment:meta])* $field:ident: $provider:ident $setting:literal = $default:literal;)*) => {
        /// The values that a merchant copies from the provider's dashboard. They are made up, and
        /// the same at every start.
        #[derive(Debug, Clone)]
        pub struct Account {
            $($(#[$comment])* pub $field: String,)*
        }

        impl Default for Account {
            fn default() -> Self {
                Self { $($field: String::from($default),)* }
            }
        }

        impl Account {
            /// Sets a value by the name of the shop's setting. False if no setting has that name.
            pub fn set(&mut self, setting: &str, value: &str) -> bool {
                match setting {
                    $($setting => self.$field = String::from(value),)*
                    _ => return false,
                }
                true
            }

            /// The shop's settings for one provider, name and value, without those that are empty.
            fn values(&self, provider: Provider) -> Vec<(&'static str, String)> {
                let mut values = Vec::new();
                $(if provider == Provider::$provider { values.push(($setting, self.$field.clone())); })*
                values.retain(|(_, value)| !value.is_empty());
                values
            }
        }
    };
}

account! {
    /// Meta's token for the Graph API.
    meta_access_token: Meta "META_ACCESS_TOKEN" = "EAAJBemulatorAccessToken000000000000000000";
    /// The sender's identifier.
    meta_phone_number_id: Meta "META_PHONE_NUMBER_ID" = "106540352242922";
    /// The WhatsApp Business Account, which owns the templates.
    meta_waba_id: Meta "META_WABA_ID" = "102290129340398";
    /// The key of Meta's webhook signatures.
    meta_app_secret: Meta "META_APP_SECRET" = "0123456789abcdef0123456789abcdef";
    /// The token in Meta's verification request to the webhook.
    meta_verify_token: Meta "META_VERIFY_TOKEN" = "emulator-verify-token";
    /// Twilio's account.
    twilio_account_sid: Twilio "TWILIO_ACCOUNT_SID" = "AC22222222222222222222222222222222";
    /// The password of Twilio's API, and the key of its webhook signatures.
    twilio_auth_token: Twilio "TWILIO_AUTH_TOKEN" = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    /// The secret of Twilio's shared key. If it is set, a webhook rule signs with it.
    twilio_webhook_shared_key: Twilio "TWILIO_WEBHOOK_SHARED_KEY" = "";
    /// The sender on WhatsApp.
    twilio_from: Twilio "TWILIO_FROM" = "whatsapp:+15550001111";
    /// The sender of SMS.
    twilio_sms_from: Twilio "TWILIO_SMS_FROM" = "+15550002222";
    /// The Verify service.
    twilio_verify_service_sid: Twilio "TWILIO_VERIFY_SERVICE_SID" = "VA66666666666666666666666666666666";
    /// The key of 360dialog's API.
    dialog360_api_key: Dialog360 "D360_API_KEY" = "0123456789abcdef_AK";
    /// The secret in the webhook header that the merchant configures.
    dialog360_webhook_secret: Dialog360 "D360_WEBHOOK_SECRET" = "emulator-webhook-secret-of-32-characters";
    /// The key of MessageBird's API.
    messagebird_access_key: Messagebird "MESSAGEBIRD_ACCESS_KEY" = "emulatorAccessKey00000000";
    /// The key of MessageBird's webhook signatures.
    messagebird_signing_key: Messagebird "MESSAGEBIRD_SIGNING_KEY" = "emulatorSigningKey0000000000000000";
    /// The channel of WhatsApp.
    messagebird_channel_id: Messagebird "MESSAGEBIRD_CHANNEL_ID" = "619747f69cf940a98fb443140ce9aed2";
    /// The templates' namespace.
    messagebird_namespace: Messagebird "MESSAGEBIRD_NAMESPACE" = "20332cd4_f095_b080_d255_35677159aaff";
    /// The sender of SMS.
    messagebird_sms_from: Messagebird "MESSAGEBIRD_SMS_FROM" = "Marigold";
    /// The WhatsApp Business Account, which owns the templates.
    messagebird_waba_id: Messagebird "MESSAGEBIRD_WABA_ID" = "102290129340398";
    /// Bird's key for the Channels API.
    bird_access_key: BirdChannels "BIRD_ACCESS_KEY" = "emulatorBirdAccessKey0000";
    /// Bird's workspace.
    bird_workspace_id: BirdChannels "BIRD_WORKSPACE_ID" = "5f0f4d6c-1111-4222-8333-444455556666";
    /// The channel of WhatsApp.
    bird_channel_id: BirdChannels "BIRD_CHANNEL_ID" = "3fa85f64-5717-4562-b3fc-2c963f66afa7";
    /// The channel of SMS.
    bird_sms_channel_id: BirdChannels "BIRD_SMS_CHANNEL_ID" = "3fa85f64-5717-4562-b3fc-2c963f66afa8";
    /// The template project of each kind of message.
    bird_templates: BirdChannels "BIRD_TEMPLATES" = "login=8f2b1c3d-0000-4000-8000-000000000001,reset=8f2b1c3d-0000-4000-8000-000000000002,payment=8f2b1c3d-0000-4000-8000-000000000003,phone=8f2b1c3d-0000-4000-8000-000000000004,step_up=8f2b1c3d-0000-4000-8000-000000000005";
    /// The key of Bird's webhook signatures.
    bird_signing_key: BirdChannels "BIRD_SIGNING_KEY" = "bird-signing-key-1";
    /// Bird's key for `/v1`.
    bird_v1_api_key: Bird "BIRD_V1_API_KEY" = "bk_eu1_emulatorApiKey000000";
    /// The sender of SMS on `/v1`.
    bird_v1_sms_from: Bird "BIRD_V1_SMS_FROM" = "Marigold";
    /// The secret key of Stripe's API.
    stripe_secret_key: Stripe "STRIPE_SECRET_KEY" = "sk_test_emulator0000000000000000";
    /// The secret of Stripe's webhook endpoint.
    stripe_webhook_secret: Stripe "STRIPE_WEBHOOK_SECRET" = "whsec_emulator00000000000000000000000";
    /// The secret of `/v1`'s webhooks.
    bird_v1_webhook_secret: Bird "BIRD_V1_WEBHOOK_SECRET" = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
}

impl Account {
    /// The settings that make the shop use an emulator at `base_url`.
    #[must_use]
    pub fn settings(&self, provider: Provider, base_url: &str) -> Vec<(&'static str, String)> {
        let list = match provider {
            Provider::Stripe => "MARIGOLD_GATEWAYS",
            _ => "MARIGOLD_PROVIDERS",
        };
        let mut settings = vec![(list, String::from(provider.name()))];
        settings.extend(self.values(provider));
        let addresses: &[&'static str] = match provider {
            Provider::Meta => &["META_BASE_URL"],
            Provider::Twilio => &[
                "TWILIO_BASE_URL",
                "TWILIO_VERIFY_BASE_URL",
                "TWILIO_CONTENT_BASE_URL",
                "TWILIO_MESSAGING_BASE_URL",
            ],
            Provider::Dialog360 => &["D360_BASE_URL"],
            Provider::Messagebird => &[
                "MESSAGEBIRD_CONVERSATIONS_BASE_URL",
                "MESSAGEBIRD_REST_BASE_URL",
                "MESSAGEBIRD_INTEGRATIONS_BASE_URL",
            ],
            Provider::Bird => &["BIRD_V1_BASE_URL"],
            Provider::BirdChannels => &["BIRD_BASE_URL"],
            Provider::Stripe => &["STRIPE_BASE_URL"],
        };
        settings.extend(addresses.iter().map(|name| (*name, String::from(base_url))));
        settings
    }
}
