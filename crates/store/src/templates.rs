//! The shop's message templates as each provider reports them. The crate `whatsapp` gives
//! the status its meaning; nothing here reads it.

use domain::{Language, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_optional_scalar},
};

repository! {
    /// Message templates at providers.
    templates: Templates
}

/// A template in one language, as a provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTemplate {
    pub provider: String,
    pub name: String,
    pub language: Language,
    /// The provider's id of the template, where it has one.
    pub provider_id: Option<String>,
    /// A word of `whatsapp::TemplateStatus`.
    pub status: String,
    /// Why the template is not approved, in the provider's words.
    pub reason: Option<String>,
    /// The validity of a code that the footer states, where it is known.
    pub expiry_minutes: Option<u64>,
    /// When the provider reported this.
    pub updated_at: Timestamp,
}

const UPSERT: &str = "insert into templates
    (provider, name, language, provider_id, status, reason, expiration_minutes, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (provider, name, language) do update set
      provider_id = coalesce(excluded.provider_id, templates.provider_id),
      status = excluded.status, reason = excluded.reason,
      expiration_minutes = coalesce(excluded.expiration_minutes, templates.expiration_minutes),
      updated_at = excluded.updated_at";

const DELETE_UNLISTED: &str = "delete from templates where provider = $1 and updated_at < $2";

const MARK_LIST_READ: &str = "insert into template_lists (provider, read_at) values ($1, $2)
    on conflict (provider) do update set read_at = excluded.read_at";

const FIND_READ_AT: &str = "select read_at from template_lists where provider = $1";

const LIST: &str = "select * from templates order by provider, name, language";

const LIST_NAMED: &str = "select * from templates where provider = $1 and name = $2";

impl Templates<'_> {
    /// Stores what a provider reports of a template. An id or a validity that it does not
    /// report stays as it was.
    pub async fn put(&mut self, template: &StoredTemplate) -> Result<()> {
        execute!(
            self.0,
            UPSERT,
            template.provider.as_str(),
            template.name.as_str(),
            template.language.as_str(),
            template.provider_id.as_deref(),
            template.status.as_str(),
            template.reason.as_deref(),
            template.expiry_minutes.and_then(|minutes| i64::try_from(minutes).ok()),
            template.updated_at.as_millis(),
        )?;
        Ok(())
    }

    /// Ends the import of a provider's whole list, which was requested at `asked_at`: deletes
    /// the older templates, which the list did not contain.
    pub async fn finish_list(
        &mut self,
        provider: &str,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        execute!(self.0, DELETE_UNLISTED, provider, asked_at.as_millis())?;
        execute!(self.0, MARK_LIST_READ, provider, now.as_millis())?;
        Ok(())
    }

    /// When a provider's list was last read; `None` if it never was.
    pub async fn read_at(&mut self, provider: &str) -> Result<Option<Timestamp>> {
        let at: Option<i64> = fetch_optional_scalar!(self.0, FIND_READ_AT, provider)?;
        Ok(at.map(Timestamp::from_millis))
    }

    /// Every template of every provider.
    pub async fn list(&mut self) -> Result<Vec<StoredTemplate>> {
        let rows: Vec<Row> = fetch_all!(self.0, LIST)?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// A provider's template of this name in all its languages.
    pub async fn list_named(&mut self, provider: &str, name: &str) -> Result<Vec<StoredTemplate>> {
        let rows: Vec<Row> = fetch_all!(self.0, LIST_NAMED, provider, name)?;
        rows.into_iter().map(Row::into_domain).collect()
    }
}

row! {
    struct Row {
        provider: String,
        name: String,
        language: String,
        provider_id: Option<String>,
        status: String,
        reason: Option<String>,
        expiration_minutes: Option<i64>,
        updated_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<StoredTemplate> {
        let corrupt = |column| move || Error::corrupt("templates", column);
        Ok(StoredTemplate {
            provider: self.provider,
            name: self.name,
            language: Language::parse(&self.language).ok_or_else(corrupt("language"))?,
            provider_id: self.provider_id,
            status: self.status,
            reason: self.reason,
            expiry_minutes: self.expiration_minutes.and_then(|minutes| u64::try_from(minutes).ok()),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}
