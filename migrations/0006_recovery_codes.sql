-- The way back into an account whose phone is lost: recovery codes, and the right to set a
-- new phone that one of them gives.

-- The newest set of recovery codes of an account.
create table recovery_code_sets (
  account_id  text   not null primary key references accounts (id),
  -- The key of the key ring and the nonce that the codes are derived from. The nonce is
  -- deleted when the codes were saved or shown for long enough: from then on they cannot
  -- be derived again.
  key_id      text   not null,
  nonce       text,
  -- The only sign-in that is shown the codes, and until when.
  sign_in_id  text   not null,
  shown_until bigint not null,
  created_at  bigint not null,
  -- When the owner confirmed that the codes are saved.
  saved_at    bigint
);
create index recovery_code_sets_shown on recovery_code_sets (shown_until) where nonce is not null;

-- The recovery codes of the newest set. A code has 120 random bits, so its SHA-256 digest
-- without salt or key protects it.
create table recovery_codes (
  account_id text   not null references accounts (id),
  digest     text   not null,
  used_at    bigint,
  primary key (account_id, digest)
);

-- The right to set a new phone once, in one browser.
create table phone_permissions (
  id             text   not null primary key,
  account_id     text   not null references accounts (id),
  browser_digest text   not null,
  created_at     bigint not null,
  expires_at     bigint not null,
  used_at        bigint
);
create index phone_permissions_browser on phone_permissions (browser_digest, created_at);
create index phone_permissions_expiry on phone_permissions (expires_at);

-- When the code of this sign-in was given. Null if a trusted device signed in without one.
alter table sign_ins add column code_given_at bigint;
