-- Messages to phones, committed with what caused them, sent by the dispatcher.
create table messages (
  id                  text    not null primary key,
  kind                text    not null,
  channel             text    not null check (channel in ('whatsapp', 'sms')),
  language            text    not null,
  phone               text    not null,
  account_id          text,
  challenge_id        text,
  decoy               boolean not null,
  status              text    not null,
  rank                bigint  not null,
  provider            text,
  provider_message_id text,
  failure             text,
  tries               bigint  not null default 0,
  next_try_at         bigint,
  leased_until        bigint,
  created_at          bigint  not null,
  expires_at          bigint  not null,
  status_at           bigint  not null
);
-- A message with a next try is in the outbox; without one it has left it.
create index messages_outbox on messages (next_try_at) where next_try_at is not null;
create index messages_challenge on messages (challenge_id, created_at);
create index messages_time on messages (created_at, id);
create unique index messages_provider on messages (provider, provider_message_id) where provider_message_id is not null;
