-- `contact` (e-mail, addresses, note, metadata) is sealed: with the customer's key, or with the cart's own while it is a guest's.
CREATE TABLE carts (
  id TEXT PRIMARY KEY,
  token_hash TEXT UNIQUE,
  customer_id TEXT REFERENCES customers (id),
  status TEXT NOT NULL CHECK (status IN ('open', 'checking_out', 'completed', 'merged')),
  currency TEXT NOT NULL,
  contact BLOB,
  email_hash TEXT,
  -- Of the shipping address, in clear: prices and options depend on it.
  country TEXT,
  shipping_option_id TEXT REFERENCES shipping_options (id) ON DELETE SET NULL,
  -- The order that the cart is becoming, or has become.
  order_id TEXT,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX carts_customer_id_idx ON carts (customer_id, updated_at);
CREATE INDEX carts_shipping_option_id_idx ON carts (shipping_option_id);
CREATE INDEX carts_expires_at_idx ON carts (expires_at);

CREATE TABLE cart_lines (
  id TEXT PRIMARY KEY,
  cart_id TEXT NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  variant_id TEXT NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 999),
  -- The unit price when the line was added, to tell the shopper when it has moved.
  price_when_added BIGINT,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (cart_id, variant_id)
);
CREATE INDEX cart_lines_variant_id_idx ON cart_lines (variant_id);
