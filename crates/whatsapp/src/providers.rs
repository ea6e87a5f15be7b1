//! The list of providers: the only module that names all of them.

use std::sync::Arc;

use crate::{
    MessageProvider, ProviderContext, SettingsSource, bird, dialog360, messagebird, meta, twilio,
};

/// Creates a provider from its settings; reports every setting that is wrong.
type Open = fn(&mut dyn SettingsSource, &ProviderContext) -> Option<Arc<dyn MessageProvider>>;

/// Every provider that `MARIGOLD_PROVIDERS` can name, besides the simulator.
const PROVIDERS: &[(&str, Open)] = &[
    (meta::NAME, meta::open),
    (twilio::NAME, twilio::open),
    (dialog360::NAME, dialog360::open),
    (messagebird::NAME, messagebird::open),
    (bird::NAME, bird::open_platform),
    (bird::CHANNELS_NAME, bird::open_channels),
];

/// The names of the providers, without the simulator.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|(name, _)| *name)
}

/// Creates the provider of this name: `None` if the name is unknown, `Some(None)` if its
/// settings are wrong.
pub fn open(
    name: &str,
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Option<Arc<dyn MessageProvider>>> {
    let (_, open) = PROVIDERS.iter().find(|(known, _)| *known == name)?;
    Some(open(settings, context))
}
