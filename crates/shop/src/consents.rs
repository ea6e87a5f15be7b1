//! What a shopper agrees to by placing an order: the versions of the legal pages that stand beside
//! the button, and what the button says. It is kept with the order, and the texts are kept too, so
//! that a merchant who changes a page can still show the text of an older order.

use std::sync::Arc;

use domain::{Language, OrderId, Timestamp};
use legal::{LegalKind, LegalPage, LegalPages};
use store::{Connection, LegalText, OrderConsent};

use crate::{
    consumer_law::order_button,
    error::{Fault, Result},
};

/// What stands beside the button in one language.
#[derive(Clone)]
pub(crate) struct Consents {
    pub(crate) pages: Arc<LegalPages>,
    pub(crate) language: Language,
}

impl Consents {
    /// Records the consent, in the transaction that places the order.
    pub(crate) async fn record(
        &self,
        tx: &mut Connection,
        order: &OrderId,
        country: &str,
        now: Timestamp,
    ) -> Result<()> {
        let consent = OrderConsent {
            terms_version: self.keep(tx, LegalKind::Terms, now).await?,
            privacy_version: self.keep(tx, LegalKind::Privacy, now).await?,
            returns_version: self.keep(tx, LegalKind::Returns, now).await?,
            button: order_button(country).as_str().to_owned(),
            consented_at: now,
        };
        Ok(tx.consents().record(order, &consent).await?)
    }

    /// Keeps the text of a page, and returns its version.
    async fn keep(&self, tx: &mut Connection, kind: LegalKind, now: Timestamp) -> Result<String> {
        // Rows write a language as Meta does (`pt_BR`), and pages as BCP 47 does (`pt-BR`).
        let language = self.language.as_str().replace('_', "-");
        let page = self.pages.page(kind, &language).ok_or(Fault::Broken("legal pages"))?;
        tx.consents().keep_text(&text(page), now).await?;
        Ok(page.version().to_owned())
    }
}

fn text(page: &LegalPage) -> LegalText {
    LegalText {
        version: page.version().to_owned(),
        kind: page.kind().as_str().to_owned(),
        language: page.language().to_owned(),
        body: page.text().to_owned(),
    }
}

/// What a shopper agreed to, with the texts as they were then.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// When the order was placed.
    pub consented_at: Timestamp,
    /// The texts.
    pub texts: Vec<AgreedText>,
}

/// A text of a legal page.
#[derive(Clone, Debug)]
pub struct AgreedText {
    /// The word of its kind.
    pub kind: String,
    /// The tag of its language.
    pub language: String,
    /// The digest of the text.
    pub version: String,
    /// The text, as Markdown.
    pub body: String,
}

/// The agreement of an order; `None` for an order from before agreements were kept.
pub(crate) async fn agreement(rows: &mut Connection, order: &OrderId) -> Result<Option<Agreement>> {
    let Some(consent) = rows.consents().find(order).await? else { return Ok(None) };
    let mut texts = Vec::new();
    for version in [consent.terms_version, consent.privacy_version, consent.returns_version] {
        let found = rows.consents().text(&version).await?;
        let LegalText { kind, language, version, body } =
            found.ok_or(Fault::Broken("order_consents"))?;
        texts.push(AgreedText { kind, language, version, body });
    }
    Ok(Some(Agreement { consented_at: consent.consented_at, texts }))
}
