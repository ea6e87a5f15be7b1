-- E-mails to owners of accounts: which addresses are confirmed, and the outbox.

-- When the owner confirmed the e-mail address. Notices go to confirmed addresses only.
alter table accounts add column email_confirmed_at bigint;

-- Links that confirm an address. A link has the id and a keyed digest, which is not stored.
create table email_confirmations (
  id         text   not null primary key,
  account_id text   not null references accounts (id),
  email      text   not null,
  -- The key of the key ring that the link is authenticated with.
  key_id     text   not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at    bigint
);
create index email_confirmations_expiry on email_confirmations (expires_at);

-- The outbox and the log in one table, like that of messages to phones.
create table emails (
  id              text   not null primary key,
  kind            text   not null,
  language        text   not null,
  address         text   not null,
  account_id      text   not null,
  -- The confirmation whose link the e-mail contains.
  confirmation_id text,
  attempts        bigint not null default 0,
  -- When the e-mail is to be sent next. Null when it has left the outbox.
  next_attempt_at bigint,
  -- Until when the node that claimed the e-mail is the only one to send it.
  leased_until    bigint,
  sent_at         bigint,
  -- Why the e-mail failed or waits, for the merchant.
  failure         text,
  created_at      bigint not null,
  expires_at      bigint not null
);
create index emails_outbox on emails (next_attempt_at) where next_attempt_at is not null;
create index emails_time on emails (created_at);
