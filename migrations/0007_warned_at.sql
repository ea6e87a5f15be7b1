-- When the owner was told that wrong codes will switch the codes off: once for
-- each run of them, because the row goes with the run.
alter table code_failures add column warned_at bigint;
