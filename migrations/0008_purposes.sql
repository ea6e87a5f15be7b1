-- Confirming something important is a purpose of its own, and a code that was used
-- and is given again is told to its owner once. A check cannot be changed on SQLite,
-- so the table is made anew; codes that live go on living.
drop index challenges_browser;
drop index challenges_account;
drop index challenges_expiry;
alter table challenges rename to challenges_before;

create table challenges (
  id              text    not null primary key,
  purpose         text    not null check (purpose in ('login', 'reset', 'payment', 'phone', 'step_up')),
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
  revoked_at      bigint,
  -- When its code was given again although it had been accepted.
  reused_at       bigint
);
insert into challenges
    (id, purpose, account_id, phone, masked_phone, decoy, is_known_good, browser_digest,
     binding_digest, order_id, key_id, nonce, attempts, sends, resend_after_at, created_at,
     expires_at, consumed_at, revoked_at)
  select id, purpose, account_id, phone, masked_phone, decoy, is_known_good, browser_digest,
     binding_digest, order_id, key_id, nonce, attempts, sends, resend_after_at, created_at,
     expires_at, consumed_at, revoked_at
  from challenges_before;
drop table challenges_before;

create index challenges_browser on challenges (browser_digest, purpose, created_at);
create index challenges_account on challenges (account_id, purpose) where consumed_at is null and revoked_at is null;
create index challenges_expiry on challenges (expires_at);

-- Wrong payment codes ended a confirmation: this sign-in orders nothing until its
-- password is given again.
alter table sign_ins add column password_needed_at bigint;
