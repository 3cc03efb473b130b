-- Mails that are to be sent, and those that were. A row is written in the transaction of what it tells.
CREATE TABLE mails (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'failed', 'unaddressed', 'withheld')),
  -- Whose it is, and whose key the content is sealed with; null where the address is nobody's.
  owner_id TEXT,
  -- Of the address that was asked for: how many were asked for it is limited, whoever's it is.
  email_hash TEXT NOT NULL,
  content BLOB,
  tries INTEGER NOT NULL,
  -- When to send it next; a try in progress has it until then for itself.
  due_at TIMESTAMP NOT NULL,
  -- Of the one-time token in it, made when it is rendered: another try voids the former one.
  token_hash TEXT UNIQUE,
  token_expires_at TIMESTAMP,
  token_used_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  sent_at TIMESTAMP
);
CREATE INDEX mails_due_at_idx ON mails (due_at) WHERE state = 'due';
CREATE INDEX mails_email_hash_idx ON mails (email_hash, kind, created_at);
CREATE INDEX mails_owner_id_idx ON mails (owner_id);
CREATE INDEX mails_created_at_idx ON mails (created_at);
