-- The drawing of a line's product as it was when the order was placed. Like the other words of a
-- line it is kept with the order, so that no later change of the product changes an order.
alter table order_lines add column art text not null default '';
update order_lines set art = (
  select p.art from variants v join products p on p.id = v.product_id
  where v.id = order_lines.variant_id
);
