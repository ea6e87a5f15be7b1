-- Notices of withdrawal from a contract (Directive 2011/83/EU, Art. 11a).
create table withdrawals (
  id             text   not null primary key,
  -- Null if no order has the number together with the contact. The notice is kept all the same,
  -- because a slip of the pen does not make it void.
  order_id       text   references orders (id),
  -- What was typed.
  name           text   not null,
  order_number   text   not null,
  contact        text   not null,
  -- The browser that gets to see the receipt.
  browser_digest text   not null,
  language       text   not null,
  received_at    bigint not null,
  -- When the receipt was put into the outbox of e-mails, or found to have nowhere to go.
  receipted_at   bigint,
  -- When the merchant had dealt with it.
  handled_at     bigint
);
create index withdrawals_order on withdrawals (order_id);
create index withdrawals_browser on withdrawals (browser_digest, received_at);
create index withdrawals_time on withdrawals (received_at, id);
create index withdrawals_unreceipted on withdrawals (received_at) where receipted_at is null;

-- The notice whose receipt an e-mail is. An e-mail to somebody without an account has an empty
-- `account_id`.
alter table emails add column withdrawal_id text;
