-- When the pieces of a sold order went back into stock; null while they did not. They go back once,
-- however many refunds the order has.
alter table orders add column restocked_at bigint;
update orders set restocked_at = (
    select min(r.ended_at) from refunds r join payments p on p.id = r.payment_id
    where p.order_id = orders.id and r.restocks and r.status = 'done'
  )
  where exists (
    select 1 from refunds r join payments p on p.id = r.payment_id
    where p.order_id = orders.id and r.restocks and r.status = 'done'
  );
