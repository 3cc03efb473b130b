-- What members of the staff are there for. The rights of a built-in role stand in the program, so that a release that
-- knows more of them gives them to its holders.
CREATE TABLE roles (
  id TEXT PRIMARY KEY,
  built_in TEXT UNIQUE,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL UNIQUE,
  -- A JSON list of names.
  rights TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
INSERT INTO roles (id, built_in, name, name_folded, rights, version, created_at, updated_at) VALUES
  ('role_00000000000000000000000001', 'admin', 'Admin', 'admin', '[]', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  ('role_00000000000000000000000002', 'catalogue_manager', 'Catalogue manager', 'catalogue manager', '[]', 1,
    '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  ('role_00000000000000000000000003', 'order_manager', 'Order manager', 'order manager', '[]', 1,
    '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  ('role_00000000000000000000000004', 'viewer', 'Viewer', 'viewer', '[]', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00');

CREATE TABLE staff_with_roles (
  id TEXT PRIMARY KEY,
  email_hash TEXT NOT NULL UNIQUE,
  email BLOB NOT NULL,
  name BLOB,
  disabled_at TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  role_id TEXT NOT NULL REFERENCES roles (id)
);
INSERT INTO staff_with_roles (id, email_hash, email, name, disabled_at, version, created_at, updated_at, role_id)
SELECT id, email_hash, email, name, disabled_at, version, created_at, updated_at,
  'role_0000000000000000000000000' || CASE role
  WHEN 'admin' THEN '1' WHEN 'catalogue_manager' THEN '2' WHEN 'order_manager' THEN '3' ELSE '4' END
FROM staff;
DROP TABLE staff;
ALTER TABLE staff_with_roles RENAME TO staff;
CREATE INDEX staff_role_id_idx ON staff (role_id);

-- Who may come into the staff, by a token that is mailed to them. Address and name are sealed with a key of its own.
CREATE TABLE staff_invitations (
  id TEXT PRIMARY KEY,
  email_hash TEXT NOT NULL UNIQUE,
  email BLOB NOT NULL,
  name BLOB,
  role_id TEXT NOT NULL REFERENCES roles (id),
  -- A member of the staff or an API key.
  invited_by TEXT NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX staff_invitations_role_id_idx ON staff_invitations (role_id);

-- What lets other systems in.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  key_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  -- A JSON list of names.
  rights TEXT NOT NULL,
  -- Whose rights bound those of the key.
  created_by TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
  expires_at TIMESTAMP,
  last_used_at TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX api_keys_created_by_idx ON api_keys (created_by);
