DROP TABLE api_keys;
DROP TABLE staff_invitations;
CREATE TABLE staff_with_role (
  id TEXT PRIMARY KEY,
  email_hash TEXT NOT NULL UNIQUE,
  email BLOB NOT NULL,
  name BLOB,
  role TEXT NOT NULL,
  disabled_at TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
-- Who has a role of the shop's own sees what a viewer sees.
INSERT INTO staff_with_role (id, email_hash, email, name, role, disabled_at, version, created_at, updated_at)
SELECT staff.id, email_hash, email, staff.name, coalesce(roles.built_in, 'viewer'), disabled_at, staff.version,
  staff.created_at, staff.updated_at
FROM staff JOIN roles ON roles.id = staff.role_id;
DROP TABLE staff;
ALTER TABLE staff_with_role RENAME TO staff;
DROP TABLE roles;
