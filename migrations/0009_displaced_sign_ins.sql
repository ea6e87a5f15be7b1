-- When a sign-in was ended because its account had too many: the owner is told.
alter table sign_ins add column displaced_at bigint;
