-- Changes of phone that the merchant started, for owners without phone and recovery codes.

create table phone_change_requests (
  id           text   not null primary key,
  account_id   text   not null references accounts (id),
  -- The merchant's account.
  started_by   text   not null references accounts (id),
  started_at   bigint not null,
  -- From when until when the owner may set a new phone, with the password.
  ready_at     bigint not null,
  expires_at   bigint not null,
  -- When a browser was last permitted to set a new phone.
  permitted_at bigint,
  ended_at     bigint,
  -- How the request ended: a word of `store::PhoneChangeEnd`.
  ended_by     text
);
-- An account has one open request at most.
create unique index phone_change_requests_open on phone_change_requests (account_id) where ended_at is null;
create index phone_change_requests_account on phone_change_requests (account_id, started_at);
