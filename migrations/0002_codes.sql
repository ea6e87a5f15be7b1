-- Requests for a code. No code and no digest of one is kept: the code is
-- derived from the nonce, the key and everything the challenge is bound to.
create table challenges (
  id              text    not null primary key,
  purpose         text    not null check (purpose in ('login', 'reset', 'payment', 'phone')),
  account_id      text    not null,
  phone           text    not null,
  masked_phone    text    not null,
  decoy           boolean not null,
  -- The phone had been proved before: such sends count against no dial code.
  is_known_good   boolean not null,
  browser_digest  text    not null,
  binding_digest  text    not null,
  order_id        text,
  key_id          text    not null,
  nonce           text    not null,
  attempts        bigint  not null default 0 check (attempts >= 0),
  sends           bigint  not null default 1 check (sends >= 1),
  resend_after_at bigint  not null,
  created_at      bigint  not null,
  expires_at      bigint  not null,
  consumed_at     bigint,
  revoked_at      bigint
);
-- The newest challenge of a purpose in one browser is the one that counts.
create index challenges_browser on challenges (browser_digest, purpose, created_at);
create index challenges_account on challenges (account_id, purpose) where consumed_at is null and revoked_at is null;
create index challenges_expiry on challenges (expires_at);

-- How often something was done, in buckets of time. Bucket 0 is the total; it
-- is written first, and so serialises all who count the same thing. Where
-- different things are told apart instead, a bucket is one of them.
create table counters (
  key        text   not null,
  bucket     bigint not null,
  hits       bigint not null,
  expires_at bigint not null,
  primary key (key, bucket)
);
create index counters_expiry on counters (expires_at);

-- Consecutive wrong codes, per account, or per name of an account that is not.
create table code_failures (
  subject     text   not null primary key,
  consecutive bigint not null,
  wait_until  bigint not null,
  disabled_at bigint,
  updated_at  bigint not null
);

-- The right to set a new password once, in one browser.
create table reset_permissions (
  id             text   not null primary key,
  account_id     text   not null references accounts (id),
  browser_digest text   not null,
  created_at     bigint not null,
  expires_at     bigint not null,
  used_at        bigint
);
create index reset_permissions_browser on reset_permissions (browser_digest, created_at);
