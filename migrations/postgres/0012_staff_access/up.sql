-- What members of the staff are there for. The rights of a built-in role stand in the program, so that a release that
-- knows more of them gives them to its holders.
CREATE TABLE roles (
  id TEXT COLLATE "C" PRIMARY KEY,
  built_in TEXT COLLATE "C" UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  name_folded TEXT COLLATE "C" NOT NULL UNIQUE,
  -- A JSON list of names.
  rights TEXT COLLATE "C" NOT NULL,
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

ALTER TABLE staff ADD COLUMN role_id TEXT COLLATE "C";
UPDATE staff SET role_id = 'role_0000000000000000000000000' || CASE role
  WHEN 'admin' THEN '1' WHEN 'catalogue_manager' THEN '2' WHEN 'order_manager' THEN '3' ELSE '4' END;
ALTER TABLE staff ALTER COLUMN role_id SET NOT NULL;
ALTER TABLE staff ADD FOREIGN KEY (role_id) REFERENCES roles (id);
ALTER TABLE staff DROP COLUMN role;
CREATE INDEX staff_role_id_idx ON staff (role_id);

-- Who may come into the staff, by a token that is mailed to them. Address and name are sealed with a key of its own.
CREATE TABLE staff_invitations (
  id TEXT COLLATE "C" PRIMARY KEY,
  email_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  email BYTEA NOT NULL,
  name BYTEA,
  role_id TEXT COLLATE "C" NOT NULL REFERENCES roles (id),
  -- A member of the staff or an API key.
  invited_by TEXT COLLATE "C" NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX staff_invitations_role_id_idx ON staff_invitations (role_id);

-- What lets other systems in.
CREATE TABLE api_keys (
  id TEXT COLLATE "C" PRIMARY KEY,
  key_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  -- A JSON list of names.
  rights TEXT COLLATE "C" NOT NULL,
  -- Whose rights bound those of the key.
  created_by TEXT COLLATE "C" NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
  expires_at TIMESTAMP,
  last_used_at TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX api_keys_created_by_idx ON api_keys (created_by);
