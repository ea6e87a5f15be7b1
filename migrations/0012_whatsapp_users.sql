-- WhatsApp's ids of the people that messages were sent to (business-scoped user ids), beside
-- their numbers. They are not numbers, and nothing is sent to them: they tell whose number has
-- changed when WhatsApp withholds the number.
create table whatsapp_users (
  phone          text   not null primary key,
  user_id        text   not null,
  -- The id for the parent of several businesses, if there is one.
  parent_user_id text,
  reported_at    bigint not null
);
create index whatsapp_users_user on whatsapp_users (user_id);
create index whatsapp_users_time on whatsapp_users (reported_at);
