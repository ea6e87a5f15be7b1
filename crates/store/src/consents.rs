//! What a shopper agreed to when an order was placed: the versions of the legal pages, whose texts
//! are kept, and the words of the button.

use domain::{OrderId, Timestamp};

use crate::{
    Result,
    connection::{execute, with_connection},
};

repository! {
    /// Consents of orders, and the texts that they refer to.
    consents: Consents
}

/// One text of a legal page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalText {
    /// The digest of the text.
    pub version: String,
    pub kind: String,
    pub language: String,
    pub body: String,
}

/// What stood beside the button of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderConsent {
    pub terms_version: String,
    pub privacy_version: String,
    pub returns_version: String,
    /// The word for the text of the button.
    pub button: String,
    pub consented_at: Timestamp,
}

const KEEP_TEXT: &str = "insert into legal_texts (version, kind, language, body, recorded_at)
    values ($1, $2, $3, $4, $5) on conflict (version) do nothing";

const FIND_TEXT: &str = "select version, kind, language, body from legal_texts where version = $1";

/// An order that is revised before it is paid is agreed to once more.
const RECORD: &str = "insert into order_consents
      (order_id, terms_version, privacy_version, returns_version, button, consented_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (order_id) do update set terms_version = excluded.terms_version,
      privacy_version = excluded.privacy_version, returns_version = excluded.returns_version,
      button = excluded.button, consented_at = excluded.consented_at";

const FIND: &str = "select terms_version, privacy_version, returns_version, button, consented_at
    from order_consents where order_id = $1";

impl Consents<'_> {
    /// Keeps a text, unless it is kept already.
    pub async fn keep_text(&mut self, text: &LegalText, now: Timestamp) -> Result<()> {
        execute!(
            self.0,
            KEEP_TEXT,
            text.version.as_str(),
            text.kind.as_str(),
            text.language.as_str(),
            text.body.as_str(),
            now.as_millis(),
        )?;
        Ok(())
    }

    /// The text of this version.
    pub async fn text(&mut self, version: &str) -> Result<Option<LegalText>> {
        let row: Option<TextRow> = with_connection!(self.0, c => {
            sqlx::query_as(FIND_TEXT).bind(version).fetch_optional(c).await
        })?;
        Ok(row.map(|TextRow { version, kind, language, body }| LegalText {
            version,
            kind,
            language,
            body,
        }))
    }

    /// Records the consent of an order. The texts must be kept before.
    pub async fn record(&mut self, order: &OrderId, consent: &OrderConsent) -> Result<()> {
        execute!(
            self.0,
            RECORD,
            order.as_str(),
            consent.terms_version.as_str(),
            consent.privacy_version.as_str(),
            consent.returns_version.as_str(),
            consent.button.as_str(),
            consent.consented_at.as_millis(),
        )?;
        Ok(())
    }

    /// The consent of an order. Orders from before this table have none.
    pub async fn find(&mut self, order: &OrderId) -> Result<Option<OrderConsent>> {
        let row: Option<ConsentRow> = with_connection!(self.0, c => {
            sqlx::query_as(FIND).bind(order.as_str()).fetch_optional(c).await
        })?;
        Ok(row.map(|row| OrderConsent {
            terms_version: row.terms_version,
            privacy_version: row.privacy_version,
            returns_version: row.returns_version,
            button: row.button,
            consented_at: Timestamp::from_millis(row.consented_at),
        }))
    }
}

row! {
    struct TextRow {
        version: String,
        kind: String,
        language: String,
        body: String,
    }
}

row! {
    struct ConsentRow {
        terms_version: String,
        privacy_version: String,
        returns_version: String,
        button: String,
        consented_at: i64,
    }
}
