-- What every feature writes beside its own rows: events, idempotency records, the keys that personal data is sealed with.

CREATE TABLE events (
  id TEXT COLLATE "C" PRIMARY KEY,
  -- Given after the commit, gapless, by whoever reads next: a row that commits late comes later and is never skipped.
  position BIGINT UNIQUE,
  type TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  subject_version BIGINT NOT NULL,
  data TEXT COLLATE "C" NOT NULL,
  occurred_at TIMESTAMP NOT NULL
);
CREATE INDEX events_unplaced_idx ON events (id) WHERE position IS NULL;
CREATE INDEX events_subject_idx ON events (subject, id);

CREATE TABLE idempotency_keys (
  scope TEXT COLLATE "C" NOT NULL,
  key_hash TEXT COLLATE "C" NOT NULL,
  body_mac BYTEA NOT NULL,
  -- The order that a checkout under this key has made, while its answer is not written.
  order_id TEXT COLLATE "C",
  answer BYTEA,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  PRIMARY KEY (scope, key_hash)
);
CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_order_id_idx ON idempotency_keys (order_id);

CREATE TABLE person_keys (
  owner_id TEXT COLLATE "C" PRIMARY KEY,
  wrapped BYTEA NOT NULL,
  created_at TIMESTAMP NOT NULL
);

CREATE TABLE shop_state (
  name TEXT COLLATE "C" PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);
