-- People, and what they hold. Ids and digests are lower-case hex text, times
-- are milliseconds since 1970, so that one text serves SQLite and PostgreSQL.
create table accounts (
  id                text   not null primary key,
  email             text   not null unique,
  name              text   not null,
  phone             text   not null unique,
  phone_verified_at bigint not null,
  password_hash     text   not null,
  role              text   not null check (role in ('shopper', 'merchant')),
  language          text   not null,
  created_at        bigint not null,
  disabled_at       bigint
);

-- Somebody who gave a name, an e-mail address, a phone and a password, and has
-- not proved the phone yet. Becomes an account when the code is right, so that
-- nobody can squat on an address or a number.
create table registrations (
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

-- What tower-sessions keeps for one browser, under the digest of its cookie.
create table sessions (
  id_digest  text   not null primary key,
  data       text   not null,
  expires_at bigint not null
);
create index sessions_expiry on sessions (expires_at);

-- One authenticated period of one browser; the session points at it.
create table sign_ins (
  id            text   not null primary key,
  account_id    text   not null references accounts (id),
  user_agent    text   not null,
  created_at    bigint not null,
  last_seen_at  bigint not null,
  stepped_up_at bigint,
  ended_at      bigint
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

-- What happened to accounts and codes: names from a fixed list, no secrets.
create table audit_events (
  id         text   not null primary key,
  name       text   not null,
  account_id text,
  detail     text   not null,
  at         bigint not null
);
create index audit_events_account on audit_events (account_id, at);
create index audit_events_time on audit_events (at);
