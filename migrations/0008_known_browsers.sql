-- Browsers that signed in to an account lately, by the digest of the secret in their cookie. One
-- of the live password resets of an account is kept for them; nothing else depends on it.
create table known_browsers (
  account_id     text   not null references accounts (id),
  browser_digest text   not null,
  signed_in_at   bigint not null,
  primary key (account_id, browser_digest)
);
create index known_browsers_age on known_browsers (signed_in_at);

-- Whether the browser was known when it asked for a password reset.
alter table challenges add column is_known_browser boolean not null default false;
