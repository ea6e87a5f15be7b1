-- What a shopper was shown and agreed to when an order was placed.

-- Every text of a legal page under which an order was placed. The version is the SHA-256 digest
-- of the text.
create table legal_texts (
  version     text   not null primary key,
  kind        text   not null,
  language    text   not null,
  body        text   not null,
  recorded_at bigint not null
);

-- The versions that stood beside the button, and which words the button had.
create table order_consents (
  order_id        text   not null primary key references orders (id),
  terms_version   text   not null references legal_texts (version),
  privacy_version text   not null references legal_texts (version),
  returns_version text   not null references legal_texts (version),
  button          text   not null,
  consented_at    bigint not null
);
