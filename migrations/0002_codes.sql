-- One-time codes: challenges, rate limits, wrong attempts, password resets.

-- A challenge is one request to prove an identity. Neither the code nor a digest of
-- it is stored: the code is derived from the nonce, the key and everything that the
-- challenge is bound to.
create table challenges (
  id                   text    not null primary key,
  purpose              text    not null check (purpose in ('login', 'reset', 'payment', 'phone', 'step_up')),
  -- How the challenge is answered: 'message' is a code sent by WhatsApp or SMS.
  -- There is no list of the allowed words here, because more methods will be added
  -- and SQLite cannot change a check.
  method               text    not null,
  account_id           text    not null,
  -- The number that the code is sent to; in a decoy for an unknown identifier, the
  -- keyed hash of what was typed. Null where the method needs no phone.
  phone                text,
  -- The number as the code page shows it. Null where the method needs no phone.
  masked_phone         text,
  -- A decoy looks like a challenge and accepts no code.
  is_decoy             boolean not null,
  -- The phone was verified before, so this send counts against no dial code.
  is_verified_phone    boolean not null,
  -- The keyed hash of the e-mail address or number that an unauthenticated visitor
  -- typed; limits that such a visitor can observe are counted under it. Null if the
  -- visitor was signed in.
  requested_identifier text,
  -- The digest of the secret of the only browser that may answer.
  browser_digest       text    not null,
  -- The digest of what the code confirms, for example of a payment's details.
  binding_digest       text    not null,
  order_id             text,
  -- Which key of the key ring the code is derived with.
  key_id               text    not null,
  nonce                text    not null,
  -- Codes entered so far, and messages sent so far.
  attempts             bigint  not null default 0 check (attempts >= 0),
  sends                bigint  not null default 1 check (sends >= 1),
  resend_after_at      bigint  not null,
  created_at           bigint  not null,
  expires_at           bigint  not null,
  consumed_at          bigint,
  revoked_at           bigint,
  -- When the code was first entered again after it had been accepted: the account's
  -- owner is told about that once.
  reused_at            bigint
);
-- The newest challenge of a browser and purpose is the one that is answered.
create index challenges_browser on challenges (browser_digest, purpose, created_at);
create index challenges_account on challenges (account_id, purpose) where consumed_at is null and revoked_at is null;
create index challenges_expiry on challenges (expires_at);

-- Verifications that a provider keeps itself (for example Twilio Verify), until the
-- provider was told how the challenge ended.
create table provider_verifications (
  provider        text not null,
  -- The provider's id of the verification.
  verification_id text not null,
  challenge_id    text not null,
  primary key (provider, verification_id)
);

-- Rate limits: the hits of a key in buckets of time. Bucket 0 holds the total; it is
-- written first and so serialises everything that counts the same key. Where
-- distinct values are counted instead of hits, a bucket is the hash of one value.
create table counters (
  key        text   not null,
  bucket     bigint not null,
  hits       bigint not null,
  expires_at bigint not null,
  primary key (key, bucket)
);
create index counters_expiry on counters (expires_at);

-- Consecutive wrong codes of a subject: the keyed hash of a phone, or of an
-- identifier that belongs to no account. The row is deleted when the run ends.
create table code_failures (
  subject     text   not null primary key,
  consecutive bigint not null,
  -- No code is checked or sent before this time.
  wait_until  bigint not null,
  -- Codes are switched off for this subject.
  disabled_at bigint,
  -- When the owner was warned that more wrong codes will switch codes off.
  warned_at   bigint,
  updated_at  bigint not null
);

-- The right to set a new password once, in the browser that gave the reset code.
create table reset_permissions (
  id             text   not null primary key,
  account_id     text   not null references accounts (id),
  browser_digest text   not null,
  created_at     bigint not null,
  expires_at     bigint not null,
  used_at        bigint
);
create index reset_permissions_browser on reset_permissions (browser_digest, created_at);
