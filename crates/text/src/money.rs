//! Amounts as people read them.

use domain::Money;

use crate::{PageLanguage, Text};

impl Text {
    /// An amount with its symbol, such as `€1,234.50`.
    pub fn money(&self, amount: Money) -> String {
        match self.language {
            PageLanguage::English | PageLanguage::Pseudo => amount.to_string(),
        }
    }
}
