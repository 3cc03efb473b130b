-- Groups of customers.
CREATE TABLE customer_groups (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL UNIQUE,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE TABLE customer_group_members (
  customer_id TEXT NOT NULL REFERENCES customers (id),
  group_id TEXT NOT NULL REFERENCES customer_groups (id) ON DELETE CASCADE,
  PRIMARY KEY (customer_id, group_id)
);
CREATE INDEX customer_group_members_group_id_idx ON customer_group_members (group_id, customer_id);

-- Words by which the staff find customers again.
CREATE TABLE customer_tags (
  customer_id TEXT NOT NULL REFERENCES customers (id),
  tag TEXT NOT NULL,
  PRIMARY KEY (customer_id, tag)
);
CREATE INDEX customer_tags_tag_idx ON customer_tags (tag, customer_id);

-- What the staff write down of a customer, sealed with the customer's key.
CREATE TABLE customer_notes (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customers (id),
  -- A member of the staff or an API key.
  author_id TEXT NOT NULL,
  content BLOB NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX customer_notes_customer_id_idx ON customer_notes (customer_id, id);
