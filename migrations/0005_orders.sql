-- Orders and payments.

create table orders (
  id              text   not null primary key,
  -- What identifies the order in addresses of pages, and the number that people see.
  token           text   not null unique,
  number          text   not null unique,
  -- Null for a guest, who is identified by the two columns after it.
  account_id      text   references accounts (id),
  buyer_email     text,
  buyer_phone     text,
  cart_id         text   not null,
  -- Grows when anything changes that the payment code is bound to.
  version         bigint not null check (version >= 1),
  status          text   not null,
  currency        text   not null,
  subtotal_minor  bigint not null check (subtotal_minor >= 0),
  shipping_minor  bigint not null check (shipping_minor >= 0),
  total_minor     bigint not null check (total_minor >= 0),
  shipping_method text   not null,
  -- JSON of `domain::Address`.
  address         text   not null,
  payment_method  text   not null,
  -- The name of the shop that the payment code names.
  payee           text   not null,
  created_at      bigint not null,
  updated_at      bigint not null,
  paid_at         bigint,
  shipped_at      bigint,
  -- The payment code needs a phone: the account's, or the guest's.
  check (account_id is not null or buyer_phone is not null)
);
create index orders_account on orders (account_id, created_at, id);
create index orders_time on orders (created_at, id);
-- At most one order of a cart waits for its code: placing it again revises that one.
create unique index orders_waiting on orders (cart_id) where status = 'awaiting_code';

-- The lines of an order as they were when it was placed.
create table order_lines (
  order_id     text   not null references orders (id),
  variant_id   text   not null references variants (id),
  product_name text   not null,
  slug         text   not null,
  colour       text   not null,
  size         text   not null,
  quantity     bigint not null check (quantity between 1 and 20),
  -- The price of one piece, in the order's currency.
  unit_minor   bigint not null check (unit_minor >= 0),
  primary key (order_id, variant_id)
);

-- What is added to or taken off the sum of the lines: shipping, discounts, tax, gift
-- cards. Nothing writes this table yet; orders keep shipping in a column of their own.
create table order_adjustments (
  order_id     text   not null references orders (id),
  -- The place of the adjustment in the order's summary, from 1.
  position     bigint not null,
  kind         text   not null,
  label        text   not null,
  -- In the order's currency; negative if it lowers the total.
  amount_minor bigint not null,
  primary key (order_id, position)
);

-- The right to charge one version of one order once. An accepted payment code
-- grants it.
create table authorisations (
  id             text   not null primary key,
  order_id       text   not null references orders (id),
  order_version  bigint not null,
  -- The digest of what the shopper agreed to pay.
  binding_digest text   not null,
  granted_at     bigint not null,
  expires_at     bigint not null,
  used_at        bigint,
  unique (order_id, order_version)
);

-- One charge at a payment gateway. The id is its idempotency key there.
create table payments (
  id                text   not null primary key,
  order_id          text   not null references orders (id),
  -- An order may be paid in several parts, for example by a gift card and a bank
  -- card; each part has a position, from 1.
  position          bigint not null default 1,
  authorisation_id  text   not null unique references authorisations (id),
  -- Which gateway makes the charge, and the id it gives the charge, once known.
  gateway           text   not null,
  gateway_reference text,
  method            text   not null,
  amount_minor      bigint not null check (amount_minor >= 0),
  currency          text   not null,
  -- How much of the amount was captured and refunded so far. Nothing writes these
  -- two columns yet.
  captured_minor    bigint not null default 0 check (captured_minor >= 0),
  refunded_minor    bigint not null default 0 check (refunded_minor >= 0),
  status            text   not null,
  failure           text,
  created_at        bigint not null,
  updated_at        bigint not null,
  -- Until when the node that claimed the payment is the only one to settle it.
  leased_until      bigint
);
-- At most one charge of each part of an order is under way or done.
create unique index payments_one on payments (order_id, position) where status <> 'declined';
create index payments_unsettled on payments (updated_at) where status in ('in_flight', 'refunding');
