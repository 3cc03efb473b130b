-- A customer's address book. `content` (label and address) is sealed with the customer's key.
CREATE TABLE addresses (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customers (id),
  country TEXT NOT NULL,
  content BLOB NOT NULL,
  default_shipping BOOLEAN NOT NULL,
  default_billing BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX addresses_customer_id_idx ON addresses (customer_id, id);
-- At most one default of each kind a customer.
CREATE UNIQUE INDEX addresses_default_shipping_key ON addresses (default_shipping, customer_id) WHERE default_shipping;
CREATE UNIQUE INDEX addresses_default_billing_key ON addresses (default_billing, customer_id) WHERE default_billing;
