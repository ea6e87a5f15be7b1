-- Changes of a stock by a difference, such as five pieces received. The id was made with the form,
-- so that a form that is sent twice changes the stock once.
create table stock_changes (
  id         text   not null primary key,
  variant_id text   not null references variants (id),
  pieces     bigint not null,
  changed_at bigint not null
);
