-- Messages to phones, and what the shop knows about the providers that deliver them.

-- The outbox and the log in one table. A message is committed together with what
-- caused it, and is sent by the dispatcher afterwards.
create table messages (
  id                  text    not null primary key,
  kind                text    not null,
  channel             text    not null check (channel in ('whatsapp', 'sms')),
  language            text    not null,
  -- The recipient's number; in a decoy for an unknown identifier, a keyed hash.
  phone               text    not null,
  account_id          text,
  challenge_id        text,
  -- A decoy passes through the same statuses as a message and is never sent.
  is_decoy            boolean not null,
  status              text    not null,
  -- The place of `status` in the order of delivery; a status only moves to a higher one.
  status_rank         bigint  not null,
  status_changed_at   bigint  not null,
  -- The provider that accepted the message. Before that, the only provider that may
  -- be asked again, because it may have accepted a request that was never answered.
  provider            text,
  provider_message_id text,
  -- Providers that refused the message for good, separated by spaces.
  refused_by          text    not null default '',
  -- The provider that last asked to be tried again later.
  deferred_by         text,
  -- Why the message failed or waits, for the merchant; and for its reader, as a word
  -- of `domain::DeliveryProblem`.
  failure             text,
  problem             text,
  attempts            bigint  not null default 0,
  -- When the message is to be sent next. Null when it has left the outbox.
  next_attempt_at     bigint,
  -- Until when the node that claimed the message is the only one to send it.
  leased_until        bigint,
  -- When the message was last handed to a provider.
  sent_at             bigint,
  created_at          bigint  not null,
  expires_at          bigint  not null
);
create index messages_outbox on messages (next_attempt_at) where next_attempt_at is not null;
create index messages_challenge on messages (challenge_id, created_at);
create index messages_time on messages (created_at, id);
create unique index messages_provider on messages (provider, provider_message_id) where provider_message_id is not null;

-- When a recipient was last sent something through a provider. Providers limit how
-- often one recipient may be sent something, and all nodes share that limit.
create table recipient_throttle (
  provider      text   not null,
  -- A keyed hash of the recipient's number.
  recipient_key text   not null,
  last_sent_at  bigint not null,
  primary key (provider, recipient_key)
);
create index recipient_throttle_time on recipient_throttle (last_sent_at);

-- The shop's message templates as each provider reports them.
create table templates (
  provider           text   not null,
  name               text   not null,
  language           text   not null,
  -- The provider's id of the template, where it has one.
  provider_id        text,
  -- A word of `whatsapp::TemplateStatus`.
  status             text   not null,
  -- Why the template is not approved, in the provider's words.
  reason             text,
  -- The validity of a code that the template's footer states, where it is known.
  expiration_minutes bigint,
  updated_at         bigint not null,
  primary key (provider, name, language)
);

-- Providers whose list of templates was read at least once. At such a provider, a
-- template without a row does not exist.
create table template_lists (
  provider text   not null primary key,
  read_at  bigint not null
);

-- Requests of providers (webhooks) that were processed, so that a repeated one is
-- recognised for as long as its signature is valid.
create table processed_webhooks (
  provider    text   not null,
  -- What identifies the request, as the provider's crate computes it.
  request_key text   not null,
  expires_at  bigint not null,
  primary key (provider, request_key)
);
create index processed_webhooks_expiry on processed_webhooks (expires_at);
