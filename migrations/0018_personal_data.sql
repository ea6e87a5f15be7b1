-- Until when this sign-in may download the data of its account: a few minutes after the password
-- was given again.
alter table sign_ins add column data_export_until bigint;
