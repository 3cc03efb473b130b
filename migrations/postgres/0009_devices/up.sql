-- What the program called itself that the session was begun with, sealed with the owner's key.
ALTER TABLE sessions ADD COLUMN device BYTEA;
