//! The providers that an emulator can play.

/// A messaging provider, or a payment gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Provider {
    /// Meta's WhatsApp Cloud API.
    Meta,
    /// Twilio: messages, Content API and Verify, told apart by their paths.
    Twilio,
    /// 360dialog: Meta's messages with addresses and keys of its own.
    #[value(name = "360dialog")]
    Dialog360,
    /// MessageBird: conversations, SMS and templates.
    Messagebird,
    /// Bird: the platform of 2026 (`/v1`).
    Bird,
    /// Bird: the Channels API of workspaces.
    BirdChannels,
    /// Stripe: Checkout, payments, refunds and events.
    Stripe,
}

impl Provider {
    /// The name in `MARIGOLD_PROVIDERS` or `MARIGOLD_GATEWAYS`, and in the webhook's address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Twilio => "twilio",
            Self::Dialog360 => "360dialog",
            Self::Messagebird => "messagebird",
            Self::Bird => "bird",
            Self::BirdChannels => "bird-channels",
            Self::Stripe => "stripe",
        }
    }
}
