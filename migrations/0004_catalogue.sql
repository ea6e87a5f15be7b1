-- What is on sale, and what shoppers have chosen so far.

create table categories (
  id       text   not null primary key,
  slug     text   not null unique,
  name     text   not null,
  position bigint not null
);

create table products (
  id          text    not null primary key,
  slug        text    not null unique,
  name        text    not null,
  -- Name, description and category in lower case. The program writes it, because the
  -- engines convert case differently.
  search_text text    not null,
  description text    not null,
  category_id text    not null references categories (id),
  -- Which drawing shows the product: a form of `domain::Art`.
  art         text    not null,
  -- The lowest price of the product's variants, kept here to sort by.
  price_minor bigint  not null check (price_minor >= 0),
  currency    text    not null,
  is_listed   boolean not null,
  created_at  bigint  not null
);
create index products_category on products (category_id, created_at, id);
create index products_new on products (created_at, id);

-- A variant is one combination of colour and size that can be bought.
create table variants (
  id          text   not null primary key,
  product_id  text   not null references products (id),
  colour      text   not null,
  size        text   not null,
  -- The whole price of one piece, not a surcharge.
  price_minor bigint not null check (price_minor >= 0),
  currency    text   not null,
  stock       bigint not null check (stock >= 0),
  position    bigint not null,
  unique (product_id, colour, size)
);

-- Carts of accounts, and of guests (without an account).
create table carts (
  id         text   not null primary key,
  account_id text   unique,
  updated_at bigint not null
);

create table cart_lines (
  cart_id    text   not null references carts (id),
  variant_id text   not null references variants (id),
  quantity   bigint not null check (quantity between 1 and 20),
  added_at   bigint not null,
  primary key (cart_id, variant_id)
);

-- What the checkout of a cart knows so far; each step fills its columns.
create table checkouts (
  cart_id         text   not null primary key references carts (id),
  -- Null for a guest, who is identified by the two columns after it.
  account_id      text   references accounts (id),
  buyer_email     text,
  buyer_phone     text,
  -- JSON of `domain::Address`.
  address         text,
  shipping_method text,
  payment_method  text,
  updated_at      bigint not null
);
