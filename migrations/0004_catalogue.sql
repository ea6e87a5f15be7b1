create table categories (
  id       text   not null primary key,
  slug     text   not null unique,
  name     text   not null,
  position bigint not null
);

-- `search_text` is name, description and category folded in the program;
-- `price_minor` is the lowest price of the variants, kept for sorting.
create table products (
  id          text    not null primary key,
  slug        text    not null unique,
  name        text    not null,
  search_text text    not null,
  description text    not null,
  category_id text    not null references categories (id),
  art         text    not null,
  price_minor bigint  not null check (price_minor >= 0),
  currency    text    not null,
  is_listed   boolean not null,
  created_at  bigint  not null
);
create index products_category on products (category_id, created_at, id);
create index products_new on products (created_at, id);

-- One buyable choice: a colour and a size. `price_minor` is the whole price.
create table variants (
  id          text   not null primary key,
  product_id  text   not null references products (id),
  colour      text   not null,
  size        text   not null,
  price_minor bigint not null check (price_minor >= 0),
  stock       bigint not null check (stock >= 0),
  position    bigint not null,
  unique (product_id, colour, size)
);

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

-- What a shopper has told the checkout so far; each step fills its columns.
create table checkouts (
  cart_id        text   not null primary key references carts (id),
  account_id     text   not null references accounts (id),
  address        text,
  shipping       text,
  payment_method text,
  updated_at     bigint not null
);
