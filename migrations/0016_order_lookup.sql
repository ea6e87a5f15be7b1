-- Finding an order without an account.

-- A code may be for finding an order, too. The table of challenges is made anew without its list of
-- purposes, because SQLite cannot change a check; 0002_codes.sql explains the columns.
create table challenges_rebuilt (
  id                   text    not null primary key,
  purpose              text    not null,
  method               text    not null,
  account_id           text    not null,
  phone                text,
  masked_phone         text,
  is_decoy             boolean not null,
  is_verified_phone    boolean not null,
  requested_identifier text,
  browser_digest       text    not null,
  binding_digest       text    not null,
  order_id             text,
  key_id               text    not null,
  nonce                text    not null,
  attempts             bigint  not null default 0 check (attempts >= 0),
  sends                bigint  not null default 1 check (sends >= 1),
  resend_after_at      bigint  not null,
  created_at           bigint  not null,
  expires_at           bigint  not null,
  consumed_at          bigint,
  revoked_at           bigint,
  reused_at            bigint,
  is_known_browser     boolean not null default false
);

insert into challenges_rebuilt (
  id, purpose, method, account_id, phone, masked_phone, is_decoy, is_verified_phone,
  requested_identifier, browser_digest, binding_digest, order_id, key_id, nonce, attempts,
  sends, resend_after_at, created_at, expires_at, consumed_at, revoked_at, reused_at,
  is_known_browser
)
select
  id, purpose, method, account_id, phone, masked_phone, is_decoy, is_verified_phone,
  requested_identifier, browser_digest, binding_digest, order_id, key_id, nonce, attempts,
  sends, resend_after_at, created_at, expires_at, consumed_at, revoked_at, reused_at,
  is_known_browser
from challenges;
drop table challenges;
alter table challenges_rebuilt rename to challenges;
create index challenges_browser on challenges (browser_digest, purpose, created_at);
create index challenges_account on challenges (account_id, purpose) where consumed_at is null and revoked_at is null;
create index challenges_expiry on challenges (expires_at);

-- Permissions to read one order in one browser without signing in, which the right code of an
-- order look-up gives.
create table order_permissions (
  id             text   not null primary key,
  order_id       text   not null references orders (id),
  browser_digest text   not null,
  created_at     bigint not null,
  expires_at     bigint not null
);
create index order_permissions_browser on order_permissions (browser_digest, order_id);
create index order_permissions_expiry on order_permissions (expires_at);
