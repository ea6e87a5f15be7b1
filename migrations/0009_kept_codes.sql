-- Codes that their provider keeps itself, under the provider's names, until it was
-- told how they came to their end.
create table kept_codes (
  provider     text not null,
  name         text not null,
  challenge_id text not null,
  primary key (provider, name)
);
