-- Accounts, and the sessions, sign-ins and devices that belong to them.
--
-- Rules of every table: one text serves SQLite and PostgreSQL, so ids and digests
-- are lower-case hexadecimal text, times (`…_at`, `…_until`) are milliseconds since
-- 1970 in UTC, and amounts (`…_minor`) are counted in the currency's smallest unit.

create table accounts (
  id                text   not null primary key,
  email             text   not null unique,
  name              text   not null,
  -- In E.164 form. Null in an account that has no phone (none is made yet).
  phone             text   unique,
  phone_verified_at bigint,
  -- A PHC string: algorithm, parameters, salt and hash.
  password_hash     text   not null,
  role              text   not null check (role in ('shopper', 'merchant')),
  -- The language of the messages that are sent to the account.
  language          text   not null,
  created_at        bigint not null,
  disabled_at       bigint
);

-- A registration whose phone is not verified yet. It becomes an account when the
-- right code is given, so that an unverified address or number cannot be reserved.
create table registrations (
  -- The id of the account that this becomes.
  account_id    text   not null primary key,
  email         text   not null,
  name          text   not null,
  phone         text   not null,
  password_hash text   not null,
  language      text   not null,
  created_at    bigint not null,
  expires_at    bigint not null
);
create index registrations_expiry on registrations (expires_at);

-- The data of one browser session, under the digest of its cookie: a stolen copy
-- of this table opens no session.
create table sessions (
  id_digest  text   not null primary key,
  -- JSON.
  data       text   not null,
  expires_at bigint not null
);
create index sessions_expiry on sessions (expires_at);

-- One authenticated period of one browser. The session holds its id.
create table sign_ins (
  id                   text   not null primary key,
  account_id           text   not null references accounts (id),
  user_agent           text   not null,
  created_at           bigint not null,
  -- Updated at most once a minute.
  last_seen_at         bigint not null,
  -- When password and code were last given again for a sensitive action. Cleared
  -- when the action uses it.
  stepped_up_at        bigint,
  -- Set when wrong payment codes ended a confirmation. Until the password is given
  -- again, this sign-in cannot place an order.
  password_required_at bigint,
  ended_at             bigint
);
create index sign_ins_account on sign_ins (account_id) where ended_at is null;

-- Browsers that may skip the sign-in code for a while.
create table trusted_devices (
  id           text   not null primary key,
  account_id   text   not null references accounts (id),
  token_digest text   not null unique,
  user_agent   text   not null,
  created_at   bigint not null,
  last_used_at bigint not null,
  expires_at   bigint not null,
  revoked_at   bigint
);
create index trusted_devices_account on trusted_devices (account_id) where revoked_at is null;

-- The audit log of accounts and codes. Rows are only added, and deleted when they
-- are old; no row holds a secret.
create table audit_events (
  id          text   not null primary key,
  -- One of the names in `shop::audit`.
  name        text   not null,
  account_id  text,
  detail      text   not null,
  occurred_at bigint not null
);
create index audit_events_account on audit_events (account_id, occurred_at);
create index audit_events_time on audit_events (occurred_at);
