//! Requests for a code. The guards of the life of a challenge (see
//! `domain::challenge`) stand in the `where` clauses here, so that of many who
//! try at once, on any number of nodes, the engine picks the one.

use domain::{
    AccountId, ChallengeId, ChallengeState, OrderId, Purpose, Timestamp, challenge::Facts,
};

use crate::{
    Connection, Error, Recipient, Result,
    connection::{execute, with_connection},
};

/// Requests for a code.
pub struct Challenges<'c>(&'c mut Connection);

impl Connection {
    /// Requests for a code.
    pub fn challenges(&mut self) -> Challenges<'_> {
        Challenges(self)
    }
}

/// One request for a code.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Which one.
    pub id: ChallengeId,
    /// What the code is for.
    pub purpose: Purpose,
    /// How it is answered.
    pub method: ChallengeMethod,
    /// Whose code it is.
    pub account: AccountId,
    /// Where it goes.
    pub to: Recipient,
    /// The keyed name of what a stranger typed; `None` if whoever asked is signed in.
    pub requested_identifier: Option<String>,
    /// The number as the code's page shows it.
    pub masked_phone: String,
    /// Whether the phone had been proved before.
    pub is_verified_phone: bool,
    /// The digest of the only browser that may answer.
    pub browser_digest: String,
    /// What else the code is bound to.
    pub binding_digest: String,
    /// The order it confirms.
    pub order: Option<OrderId>,
    /// The key the code is derived under.
    pub key_id: String,
    /// 128 random bits, in hex.
    pub nonce: String,
    /// Attempts charged so far.
    pub attempts: u32,
    /// Times the code was sent.
    pub sends: u32,
    /// Before this it is not sent again.
    pub resend_after_at: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// When its code was accepted.
    pub consumed_at: Option<Timestamp>,
    /// When it was replaced or its object changed.
    pub revoked_at: Option<Timestamp>,
}

/// How a challenge is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// By a code that a message brings to a phone.
    Message,
}

impl ChallengeMethod {
    /// The word that the row holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
        }
    }

    /// Reads the word of a row.
    pub fn parse(text: &str) -> Option<Self> {
        (text == Self::Message.as_str()).then_some(Self::Message)
    }
}

impl Challenge {
    /// Where it stands, if it has `max_attempts` attempts.
    pub fn state(&self, max_attempts: u32, now: Timestamp) -> ChallengeState {
        let facts = Facts {
            attempts: self.attempts,
            max_attempts,
            expires_at: self.expires_at,
            consumed_at: self.consumed_at,
            revoked_at: self.revoked_at,
        };
        ChallengeState::of(facts, now)
    }
}

/// What lets a challenge be sent again.
#[derive(Clone, Copy, Debug)]
pub struct ResendRule {
    /// Attempts a challenge has; with none left, no sending helps.
    pub attempts: u32,
    /// Sends a challenge has, the first included.
    pub sends: u32,
    /// No sooner than this may the one after be sent.
    pub next_at: Timestamp,
}

/// The newest challenge of a browser and purpose; a live one wins a tie.
macro_rules! newest {
    () => {
        "(select id from challenges where browser_digest = $1 and purpose = $2
          order by created_at desc,
            case when consumed_at is null and revoked_at is null then 0 else 1 end, id limit 1)"
    };
}

const INSERT: &str = "insert into challenges
    (id, purpose, account_id, phone, masked_phone, is_decoy, is_verified_phone, browser_digest,
     binding_digest, order_id, key_id, nonce, attempts, sends, resend_after_at, created_at,
     expires_at, requested_identifier, method)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

const FIND: &str = "select * from challenges where id = $1";

const FIND_NEWEST: &str = concat!("select * from challenges where id = ", newest!());

const SPEND: &str = concat!(
    "update challenges set attempts = attempts + 1 where id = ",
    newest!(),
    " and browser_digest = $1 and purpose = $2 and consumed_at is null and revoked_at is null
      and expires_at > $3 and attempts < $4 returning *"
);

const CONSUME: &str = "update challenges set consumed_at = $2
    where id = $1 and consumed_at is null and revoked_at is null and expires_at > $2
    and not is_decoy";

const REVOKE: &str = "update challenges set revoked_at = $2
    where id = $1 and consumed_at is null and revoked_at is null";

const MARK_REUSED: &str = "update challenges set reused_at = $2
    where id = $1 and consumed_at is not null and reused_at is null";

/// A stranger's challenge in another browser becomes a decoy instead: were it seen
/// to end, it would tell that the code had been a real one.
const REVOKE_OLDER: &str = "update challenges
    set is_decoy = case when browser_digest <> $3 and requested_identifier is not null then true else is_decoy end,
      revoked_at = case when browser_digest <> $3 and requested_identifier is not null
        then null else cast($4 as bigint) end
    where purpose = $1 and (account_id = $2 or browser_digest = $3)
    and consumed_at is null and revoked_at is null";

/// Likewise.
const REVOKE_ACCOUNT: &str = "update challenges
    set is_decoy = case when requested_identifier is not null then true else is_decoy end,
      revoked_at = case when requested_identifier is not null then null else cast($2 as bigint) end
    where account_id = $1 and consumed_at is null and revoked_at is null";

const REVOKE_EXPIRED: &str = "update challenges set revoked_at = $1
    where expires_at <= $1 and consumed_at is null and revoked_at is null";

const RESEND: &str = "update challenges set sends = sends + 1, resend_after_at = $5
    where id = $1 and consumed_at is null and revoked_at is null and expires_at > $2
    and attempts < $3 and sends < $4 and (resend_after_at <= $2 or resend_after_at > $5)
    returning *";

const SEND_OTHERWISE: &str = "update challenges set sends = sends + 1, resend_after_at = $5
    where id = $1 and consumed_at is null and revoked_at is null and expires_at > $2
    and attempts < $3 and sends < $4
    returning *";

const DELETE_OLD: &str = "delete from challenges where expires_at < $1";

impl Challenges<'_> {
    /// Adds a challenge.
    pub async fn insert(&mut self, challenge: &Challenge) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            challenge.id.as_str(),
            challenge.purpose.as_str(),
            challenge.account.as_str(),
            challenge.to.as_str(),
            challenge.masked_phone.as_str(),
            challenge.to.is_decoy(),
            challenge.is_verified_phone,
            challenge.browser_digest.as_str(),
            challenge.binding_digest.as_str(),
            challenge.order.as_ref().map(OrderId::as_str),
            challenge.key_id.as_str(),
            challenge.nonce.as_str(),
            i64::from(challenge.attempts),
            i64::from(challenge.sends),
            challenge.resend_after_at.as_millis(),
            challenge.created_at.as_millis(),
            challenge.expires_at.as_millis(),
            challenge.requested_identifier.as_deref(),
            challenge.method.as_str(),
        )?;
        Ok(())
    }

    /// The challenge of this name.
    pub async fn find(&mut self, id: &ChallengeId) -> Result<Option<Challenge>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(FIND).bind(id.as_str()).fetch_optional(c).await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// The challenge that counts in this browser for this purpose.
    pub async fn find_newest(
        &mut self,
        browser_digest: &str,
        purpose: Purpose,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(FIND_NEWEST)
                .bind(browser_digest)
                .bind(purpose.as_str())
                .fetch_optional(c)
                .await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// Charges one attempt to the challenge that counts in this browser, and
    /// answers it; `None` if it is over or there is none. One statement.
    pub async fn spend_attempt(
        &mut self,
        browser_digest: &str,
        purpose: Purpose,
        max_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(SPEND)
                .bind(browser_digest)
                .bind(purpose.as_str())
                .bind(now.as_millis())
                .bind(i64::from(max_attempts))
                .fetch_optional(c)
                .await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// Ends a challenge by its right code. Of many at once, one is told `true`.
    pub async fn consume(&mut self, id: &ChallengeId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, CONSUME, id.as_str(), now.as_millis())? == 1)
    }

    /// Ends a challenge whose object changed.
    pub async fn revoke(&mut self, id: &ChallengeId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, REVOKE, id.as_str(), now.as_millis())? == 1)
    }

    /// Records that the code of a challenge was given again after it had been
    /// accepted. True the first time.
    pub async fn mark_reused(&mut self, id: &ChallengeId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, MARK_REUSED, id.as_str(), now.as_millis())? == 1)
    }

    /// Ends what a new challenge of this purpose replaces: those of its account,
    /// and those of its browser. In other browsers, those of strangers go on as decoys.
    pub async fn revoke_older(
        &mut self,
        purpose: Purpose,
        account: &AccountId,
        browser_digest: &str,
        now: Timestamp,
    ) -> Result<u64> {
        let (account, now) = (account.as_str(), now.as_millis());
        Ok(execute!(self.0, REVOKE_OLDER, purpose.as_str(), account, browser_digest, now)?)
    }

    /// Ends every challenge of an account, whatever it is for. Those of strangers go
    /// on as decoys.
    pub async fn revoke_all(&mut self, account: &AccountId, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_ACCOUNT, account.as_str(), now.as_millis())?)
    }

    /// Marks what has expired as over, so that a clock set back revives nothing.
    pub async fn revoke_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, REVOKE_EXPIRED, now.as_millis())?)
    }

    /// Counts one more send, if the rule lets it. A cooldown longer than the
    /// rule's own can only come from a clock that was set back, and is over.
    pub async fn resend(
        &mut self,
        id: &ChallengeId,
        rule: ResendRule,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        self.count_send(RESEND, id, rule, now).await
    }

    /// Counts one more send by another channel, which the cooldown of the first
    /// does not hold up.
    pub async fn send_otherwise(
        &mut self,
        id: &ChallengeId,
        rule: ResendRule,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        self.count_send(SEND_OTHERWISE, id, rule, now).await
    }

    async fn count_send(
        &mut self,
        sql: &'static str,
        id: &ChallengeId,
        rule: ResendRule,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(sql)
                .bind(id.as_str())
                .bind(now.as_millis())
                .bind(i64::from(rule.attempts))
                .bind(i64::from(rule.sends))
                .bind(rule.next_at.as_millis())
                .fetch_optional(c)
                .await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// Deletes challenges that were over before `before`.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

row! {
    struct Row {
        id: String,
        purpose: String,
        method: String,
        account_id: String,
        phone: Option<String>,
        requested_identifier: Option<String>,
        masked_phone: Option<String>,
        is_decoy: bool,
        is_verified_phone: bool,
        browser_digest: String,
        binding_digest: String,
        order_id: Option<String>,
        key_id: String,
        nonce: String,
        attempts: i64,
        sends: i64,
        resend_after_at: i64,
        created_at: i64,
        expires_at: i64,
        consumed_at: Option<i64>,
        revoked_at: Option<i64>,
    }
}

impl Row {
    fn into_domain(self) -> Result<Challenge> {
        let corrupt = |column| move || Error::corrupt("challenges", column);
        let order = match self.order_id {
            Some(id) => Some(OrderId::parse(&id).ok_or_else(corrupt("order_id"))?),
            None => None,
        };
        let to = self.phone.and_then(|phone| Recipient::from_row(phone, self.is_decoy));
        Ok(Challenge {
            id: ChallengeId::parse(&self.id).ok_or_else(corrupt("id"))?,
            purpose: Purpose::parse(&self.purpose).ok_or_else(corrupt("purpose"))?,
            method: ChallengeMethod::parse(&self.method).ok_or_else(corrupt("method"))?,
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            to: to.ok_or_else(corrupt("phone"))?,
            requested_identifier: self.requested_identifier,
            masked_phone: self.masked_phone.ok_or_else(corrupt("masked_phone"))?,
            is_verified_phone: self.is_verified_phone,
            browser_digest: self.browser_digest,
            binding_digest: self.binding_digest,
            order,
            key_id: self.key_id,
            nonce: self.nonce,
            attempts: u32::try_from(self.attempts).map_err(|_| corrupt("attempts")())?,
            sends: u32::try_from(self.sends).map_err(|_| corrupt("sends")())?,
            resend_after_at: Timestamp::from_millis(self.resend_after_at),
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            consumed_at: self.consumed_at.map(Timestamp::from_millis),
            revoked_at: self.revoked_at.map(Timestamp::from_millis),
        })
    }
}
