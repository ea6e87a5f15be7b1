-- An order. `version` grows when anything the code is bound to changes, and
-- every move is guarded by the status or version it starts from.
create table orders (
  id             text   not null primary key,
  token          text   not null unique,
  number         text   not null unique,
  account_id     text   not null references accounts (id),
  cart_id        text   not null,
  version        bigint not null check (version >= 1),
  status         text   not null,
  currency       text   not null,
  subtotal_minor bigint not null check (subtotal_minor >= 0),
  shipping_minor bigint not null check (shipping_minor >= 0),
  total_minor    bigint not null check (total_minor >= 0),
  shipping       text   not null,
  address        text   not null,
  payment_method text   not null,
  payee          text   not null,
  created_at     bigint not null,
  updated_at     bigint not null,
  paid_at        bigint,
  shipped_at     bigint
);
create index orders_account on orders (account_id, created_at, id);
create index orders_time on orders (created_at, id);
-- One order waits for its code per cart: a second "Place order" revises it.
create unique index orders_waiting on orders (cart_id) where status = 'awaiting_code';

create table order_lines (
  order_id     text   not null references orders (id),
  variant_id   text   not null references variants (id),
  product_name text   not null,
  slug         text   not null,
  colour       text   not null,
  size         text   not null,
  quantity     bigint not null check (quantity between 1 and 20),
  unit_minor   bigint not null check (unit_minor >= 0),
  primary key (order_id, variant_id)
);

-- The right to charge one version of one order, once: what a payment code grants.
create table authorisations (
  id             text   not null primary key,
  order_id       text   not null references orders (id),
  order_version  bigint not null,
  binding_digest text   not null,
  granted_at     bigint not null,
  expires_at     bigint not null,
  used_at        bigint,
  unique (order_id, order_version)
);

-- One charge. Its id is the idempotency key towards the gateway.
create table payments (
  id               text   not null primary key,
  order_id         text   not null references orders (id),
  authorisation_id text   not null unique references authorisations (id),
  method           text   not null,
  amount_minor     bigint not null check (amount_minor >= 0),
  currency         text   not null,
  status           text   not null,
  failure          text,
  created_at       bigint not null,
  updated_at       bigint not null,
  leased_until     bigint
);
-- At most one charge of an order is under way or done.
create unique index payments_one on payments (order_id) where status <> 'declined';
create index payments_unsettled on payments (updated_at) where status in ('in_flight', 'refunding');
