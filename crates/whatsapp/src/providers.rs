//! The list of providers: the only place that knows them all.

use std::sync::Arc;

use crate::{Common, MessageProvider, Variables, bird, dialog360, messagebird, meta, twilio};

/// Makes a courier from its settings; what is wrong with them is noted.
type Open = fn(&mut dyn Variables, &Common) -> Option<Arc<dyn MessageProvider>>;

/// Every provider that can be named in `MARIGOLD_PROVIDERS`, beside the simulator.
const PROVIDERS: &[(&str, Open)] = &[
    (meta::NAME, meta::open),
    (twilio::NAME, twilio::open),
    (dialog360::NAME, dialog360::open),
    (messagebird::NAME, messagebird::open),
    (bird::NAME, bird::open),
];

/// The names of the providers.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|(name, _)| *name)
}

/// Opens the provider of this name: `None` if there is none.
pub fn open(
    name: &str,
    variables: &mut dyn Variables,
    common: &Common,
) -> Option<Option<Arc<dyn MessageProvider>>> {
    let (_, open) = PROVIDERS.iter().find(|(known, _)| *known == name)?;
    Some(open(variables, common))
}
