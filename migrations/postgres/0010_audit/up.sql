-- What concerns security: who did what to whom, from where, when, and whether it was allowed. Rows are never changed.
CREATE TABLE audit_log (
  id TEXT COLLATE "C" PRIMARY KEY,
  -- A customer, a member of the staff or an API key; null where nobody had shown who they are.
  actor_id TEXT COLLATE "C",
  action TEXT COLLATE "C" NOT NULL,
  subject_id TEXT COLLATE "C",
  outcome TEXT COLLATE "C" NOT NULL,
  -- Ids and codes.
  data TEXT COLLATE "C" NOT NULL,
  -- Address and device, sealed with the key of this person; with the shop's where it is nobody.
  sealed_for TEXT COLLATE "C",
  source BYTEA,
  occurred_at TIMESTAMP NOT NULL
);
CREATE INDEX audit_log_actor_id_idx ON audit_log (actor_id, id);
CREATE INDEX audit_log_subject_id_idx ON audit_log (subject_id, id);
CREATE INDEX audit_log_action_idx ON audit_log (action, id);
