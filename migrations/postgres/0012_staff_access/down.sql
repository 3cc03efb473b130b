DROP TABLE api_keys;
DROP TABLE staff_invitations;
ALTER TABLE staff ADD COLUMN role TEXT COLLATE "C";
-- Who has a role of the shop's own sees what a viewer sees.
UPDATE staff SET role = coalesce(roles.built_in, 'viewer') FROM roles WHERE roles.id = staff.role_id;
ALTER TABLE staff ALTER COLUMN role SET NOT NULL;
ALTER TABLE staff DROP COLUMN role_id;
DROP TABLE roles;
