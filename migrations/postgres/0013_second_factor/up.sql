-- The second factor of those who log in with one: a secret for time-based codes (RFC 6238), sealed with the owner's key.
CREATE TABLE second_factors (
  -- A customer or a member of the staff.
  owner_id TEXT COLLATE "C" PRIMARY KEY,
  secret BYTEA NOT NULL,
  -- Null until a first code has been shown: nothing is asked for before.
  confirmed_at TIMESTAMP,
  -- Of the last code that was taken, for each is good once.
  last_step BIGINT NOT NULL,
  -- Wrong codes since the last good one, and until when no other is looked at for them.
  failures INTEGER NOT NULL,
  next_try_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL
);

-- What stands in for a code where the device is lost. Each is good once, and gone then.
CREATE TABLE recovery_codes (
  code_hash TEXT COLLATE "C" PRIMARY KEY,
  owner_id TEXT COLLATE "C" NOT NULL REFERENCES second_factors (owner_id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_owner_id_idx ON recovery_codes (owner_id);

-- Log-ins whose password was right and whose second factor is awaited.
CREATE TABLE login_challenges (
  token_hash TEXT COLLATE "C" PRIMARY KEY,
  owner_id TEXT COLLATE "C" NOT NULL,
  -- What came with the log-in, sealed with the owner's key.
  arrival BYTEA NOT NULL,
  tries INTEGER NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX login_challenges_owner_id_idx ON login_challenges (owner_id);
CREATE INDEX login_challenges_expires_at_idx ON login_challenges (expires_at);
