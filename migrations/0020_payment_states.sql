-- Payments that are authorised before the code is asked for, payments that are expected outside of
-- the shop, partial refunds, disputes, and the history of orders.

-- SQLite cannot change a column, so the table is made again.
create table payments_new (
  id                text   not null primary key,
  order_id          text   not null references orders (id),
  -- An order may be paid in several parts, for example by a gift card and a bank card; each part
  -- has a position, from 1.
  position          bigint not null default 1,
  -- The version of the order that is paid.
  order_version     bigint not null,
  -- What the accepted code granted. Null before it was accepted, and where the merchant's policy
  -- asks for none.
  authorisation_id  text   unique references authorisations (id),
  -- Whether no money may move before a right code. The merchant's policy decided it when the
  -- order was placed.
  needs_code        boolean not null default true,
  -- The gateway, and its newest id of the payment, once it is known.
  gateway           text   not null,
  gateway_reference text,
  method            text   not null,
  amount_minor      bigint not null check (amount_minor >= 0),
  currency          text   not null,
  -- How much of the amount was captured, and how much of that was refunded.
  captured_minor    bigint not null default 0 check (captured_minor >= 0),
  refunded_minor    bigint not null default 0 check (refunded_minor >= 0),
  status            text   not null,
  -- Why it was declined, or why a refund was refused.
  failure           text,
  -- The page of the gateway that the shopper has to complete.
  page_url          text,
  -- Until when the step under way can be completed; null where there is no limit.
  expires_at        bigint,
  -- When the reconciler looks at the payment next; null if never. A node that works on the
  -- payment moves it into the future, so that no other node does.
  check_at          bigint,
  created_at        bigint not null,
  updated_at        bigint not null,
  check (captured_minor <= amount_minor and refunded_minor <= captured_minor),
  check (authorisation_id is not null or not needs_code
    or status not in ('capturing', 'captured', 'part_refunded', 'expected'))
);
insert into payments_new (id, order_id, position, order_version, authorisation_id, gateway,
    gateway_reference, method, amount_minor, currency, captured_minor, refunded_minor, status,
    failure, expires_at, check_at, created_at, updated_at)
  select p.id, p.order_id, p.position, a.order_version, p.authorisation_id, p.gateway,
    p.gateway_reference, p.method, p.amount_minor, p.currency,
    case when p.status in ('captured', 'refunding', 'refunded') then p.amount_minor else 0 end,
    case when p.status = 'refunded' then p.amount_minor else 0 end,
    p.status, p.failure, a.expires_at,
    case when p.status in ('in_flight', 'refunding') then coalesce(p.leased_until, 0) end,
    p.created_at, p.updated_at
  from payments p join authorisations a on a.id = p.authorisation_id;
drop table payments;
alter table payments_new rename to payments;
-- At most one payment of each part of an order is under way or done.
create unique index payments_one on payments (order_id, position)
  where status in ('in_flight', 'action_needed', 'authorised', 'capturing', 'captured',
    'part_refunded', 'expected');
create index payments_of_order on payments (order_id);
create index payments_due on payments (check_at) where check_at is not null;
create index payments_reference on payments (gateway, gateway_reference);

-- Money that goes back, in whole or in part. The id is the idempotency key at the gateway.
create table refunds (
  id           text    not null primary key,
  payment_id   text    not null references payments (id),
  amount_minor bigint  not null check (amount_minor > 0),
  -- 'requested', 'done' or 'refused'.
  status       text    not null,
  -- Whether the pieces of the order went back into stock.
  restocks     boolean not null,
  requested_at bigint  not null,
  ended_at     bigint
);
create index refunds_payment on refunds (payment_id, requested_at);
-- Older versions refunded the whole amount once, under the id of the payment.
insert into refunds (id, payment_id, amount_minor, status, restocks, requested_at, ended_at)
  select id, id, amount_minor, case when status = 'refunded' then 'done' else 'requested' end,
    false, updated_at, case when status = 'refunded' then updated_at end
  from payments where status in ('refunding', 'refunded') and amount_minor > 0;

-- Disputes (chargebacks), as the gateway told of them last.
create table disputes (
  gateway      text   not null,
  -- The gateway's id of the dispute.
  id           text   not null,
  payment_id   text   not null references payments (id),
  reason       text   not null,
  amount_minor bigint not null,
  currency     text   not null,
  status       text   not null,
  respond_by   bigint,
  updated_at   bigint not null,
  primary key (gateway, id)
);
create index disputes_payment on disputes (payment_id);

-- What happened to an order: who did it, when, and why. Rows are only added.
create table order_events (
  order_id     text   not null references orders (id),
  -- The place in the order's history, from 1.
  position     bigint not null,
  happened_at  bigint not null,
  kind         text   not null,
  -- Who did it: 'shopper', 'merchant', 'gateway' or 'shop', and the account of a person.
  actor        text   not null,
  account_id   text,
  -- A word that says why or how, such as a reason of a decline or of the policy of codes.
  reason       text,
  -- An amount in the order's currency, where the event is about one.
  amount_minor bigint,
  -- The gateway's id of the request, for its support.
  request_id   text,
  primary key (order_id, position)
);

-- The digest of the secret of the browser that placed the order. The policy of codes tells known
-- browsers by it.
alter table orders add column browser_digest text;

-- The newest event that was polled from each gateway.
create table gateway_cursors (
  gateway    text   not null primary key,
  cursor     text   not null,
  updated_at bigint not null
);
