-- One e-mail address is staff or customer, never both: the address stands here once, as a keyed hash.
CREATE TABLE logins (
  email_hash TEXT COLLATE "C" PRIMARY KEY,
  owner_id TEXT COLLATE "C" NOT NULL UNIQUE,
  password_hash TEXT COLLATE "C" NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

-- E-mail and name are sealed with the person's own key.
CREATE TABLE customers (
  id TEXT COLLATE "C" PRIMARY KEY,
  external_id TEXT COLLATE "C" UNIQUE,
  email_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  email BYTEA NOT NULL,
  name BYTEA,
  email_verified BOOLEAN NOT NULL,
  disabled_at TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

CREATE TABLE staff (
  id TEXT COLLATE "C" PRIMARY KEY,
  email_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  email BYTEA NOT NULL,
  name BYTEA,
  role TEXT COLLATE "C" NOT NULL,
  disabled_at TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

CREATE TABLE sessions (
  id TEXT COLLATE "C" PRIMARY KEY,
  owner_id TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  last_used_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP
);
CREATE INDEX sessions_owner_id_idx ON sessions (owner_id, id);

CREATE TABLE refresh_tokens (
  token_hash TEXT COLLATE "C" PRIMARY KEY,
  session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  -- With the presented token and a server key it yields the successor; alone it yields nothing.
  nonce BYTEA NOT NULL,
  successor_hash TEXT COLLATE "C",
  replaced_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);
-- At most one live token a session.
CREATE UNIQUE INDEX refresh_tokens_session_id_key ON refresh_tokens (session_id) WHERE replaced_at IS NULL;
