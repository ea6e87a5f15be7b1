-- Where an order was placed, so that nobody holds the stock of many orders without paying them.
-- All three are digests or keyed hashes. A row is deleted once its order holds no stock any more.
create table order_origins (
  order_id  text   not null primary key references orders (id),
  browser   text   not null,
  address   text   not null,
  phone     text   not null,
  placed_at bigint not null
);
create index order_origins_browser on order_origins (browser);
create index order_origins_address on order_origins (address);
create index order_origins_phone on order_origins (phone);
