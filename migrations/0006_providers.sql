-- Several providers: which of them refused a message for good, which asked for
-- patience last, when it was last handed over, and what its reader is told of a
-- failure (a word of domain::DeliveryProblem).
alter table messages add column problem text;
alter table messages add column refused_by text not null default '';
alter table messages add column retried_by text;
alter table messages add column sent_at bigint;

-- When a person was last sent something through a provider, under a keyed name
-- instead of the number: providers limit messages to one person, over restarts
-- and over all nodes.
create table hand_overs (
  provider text   not null,
  person   text   not null,
  at       bigint not null,
  primary key (provider, person)
);
create index hand_overs_time on hand_overs (at);

-- The shop's templates as each provider has them; the statuses are words of
-- whatsapp::TemplateStatus.
create table templates (
  provider    text   not null,
  name        text   not null,
  language    text   not null,
  provider_id text,
  status      text   not null,
  reason      text,
  minutes     bigint,
  updated_at  bigint not null,
  primary key (provider, name, language)
);

-- Whose list of templates was ever read: there, one without a row does not exist.
create table template_lists (
  provider text   not null primary key,
  read_at  bigint not null
);

-- Calls of providers that are not to be taken twice, for as long as they are valid.
create table callbacks (
  provider   text   not null,
  name       text   not null,
  expires_at bigint not null,
  primary key (provider, name)
);
create index callbacks_expiry on callbacks (expires_at);
