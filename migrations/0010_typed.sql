-- What a stranger typed to be sent a code, under a keyed name. What a stranger may
-- see is counted under it; without one, whoever asked is signed in.
alter table challenges add column typed text;
