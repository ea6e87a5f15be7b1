-- Invoices, numbered without gaps in each year.

-- The last number of each year. Its row is locked while a number is given, so that numbers are
-- given one after the other and none is lost with a transaction that is undone.
create table invoice_counters (
  year        bigint not null primary key,
  last_number bigint not null check (last_number >= 0)
);

create table invoices (
  order_id  text   not null primary key references orders (id),
  year      bigint not null,
  number    bigint not null check (number >= 1),
  issued_at bigint not null,
  unique (year, number)
);
create index orders_paid on orders (paid_at, id) where paid_at is not null;
