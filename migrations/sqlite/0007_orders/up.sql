-- `contact` (e-mail, addresses, note) is sealed: with the customer's key, or with the order's own where a guest bought.
CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  number BIGINT UNIQUE,
  external_id TEXT UNIQUE,
  cart_id TEXT NOT NULL,
  customer_id TEXT REFERENCES customers (id),
  status TEXT NOT NULL CHECK (status IN ('pending', 'open', 'completed', 'cancelled')),
  payment_status TEXT NOT NULL CHECK (payment_status IN ('pending', 'requires_action', 'processing', 'authorized', 'paid', 'partially_refunded', 'refunded', 'failed', 'voided')),
  fulfillment_status TEXT NOT NULL CHECK (fulfillment_status IN ('unfulfilled', 'partial', 'fulfilled', 'returned')),
  currency TEXT NOT NULL,
  contact BLOB NOT NULL,
  email_hash TEXT NOT NULL,
  country TEXT NOT NULL,
  region TEXT,
  postal_code TEXT,
  shipping_option TEXT NOT NULL,
  subtotal BIGINT NOT NULL,
  discount BIGINT NOT NULL,
  shipping BIGINT NOT NULL,
  tax BIGINT NOT NULL,
  total BIGINT NOT NULL CHECK (total >= 0),
  gift_cards BIGINT NOT NULL,
  store_credit BIGINT NOT NULL,
  due BIGINT NOT NULL CHECK (due >= 0),
  taxes TEXT NOT NULL,
  paid BIGINT NOT NULL CHECK (paid >= 0),
  refunded BIGINT NOT NULL CHECK (refunded >= 0 AND refunded <= paid),
  token_generation INTEGER NOT NULL,
  -- Until when an unfinished payment holds the stock.
  deadline TIMESTAMP,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
-- One standing order a cart.
CREATE UNIQUE INDEX orders_cart_id_key ON orders (cart_id) WHERE status <> 'cancelled';
CREATE INDEX orders_cart_id_idx ON orders (cart_id);
CREATE INDEX orders_customer_id_idx ON orders (customer_id, created_at, id);
CREATE INDEX orders_created_at_idx ON orders (created_at, id);
CREATE INDEX orders_email_hash_idx ON orders (email_hash, created_at, id);
CREATE INDEX orders_deadline_idx ON orders (deadline) WHERE status = 'pending';

CREATE TABLE order_lines (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (id),
  position INTEGER NOT NULL,
  variant_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  name TEXT NOT NULL,
  sku TEXT NOT NULL,
  options TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 999),
  unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
  discount BIGINT NOT NULL CHECK (discount >= 0),
  tax BIGINT NOT NULL CHECK (tax >= 0),
  line_total BIGINT NOT NULL,
  shipped_quantity INTEGER NOT NULL CHECK (shipped_quantity BETWEEN 0 AND quantity),
  refunded_quantity INTEGER NOT NULL CHECK (refunded_quantity BETWEEN 0 AND quantity),
  restocked_quantity INTEGER NOT NULL CHECK (restocked_quantity BETWEEN 0 AND quantity),
  CHECK (line_total = unit_price * quantity)
);
CREATE INDEX order_lines_order_id_idx ON order_lines (order_id, position);
CREATE INDEX order_lines_variant_id_idx ON order_lines (variant_id);

CREATE TABLE payments (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (id),
  provider TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('initiated', 'requires_action', 'processing', 'authorized', 'captured', 'partially_refunded', 'refunded', 'declined', 'voided')),
  amount BIGINT NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  captured BIGINT NOT NULL CHECK (captured >= 0 AND captured <= amount),
  refunded BIGINT NOT NULL CHECK (refunded >= 0 AND refunded <= captured),
  provider_id TEXT,
  card TEXT,
  decline_code TEXT,
  call_began_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX payments_order_id_idx ON payments (order_id, id);
CREATE INDEX payments_unsettled_idx ON payments (call_began_at) WHERE status IN ('initiated', 'processing', 'requires_action');

CREATE TABLE shipments (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (id),
  carrier TEXT,
  tracking_number TEXT,
  tracking_url TEXT,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX shipments_order_id_idx ON shipments (order_id, id);

CREATE TABLE shipment_lines (
  shipment_id TEXT NOT NULL REFERENCES shipments (id),
  line_id TEXT NOT NULL REFERENCES order_lines (id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (shipment_id, line_id)
);
CREATE INDEX shipment_lines_line_id_idx ON shipment_lines (line_id);

CREATE TABLE refunds (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (id),
  payment_id TEXT NOT NULL REFERENCES payments (id),
  status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  amount BIGINT NOT NULL CHECK (amount > 0),
  reason BLOB,
  call_began_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX refunds_order_id_idx ON refunds (order_id, id);
CREATE INDEX refunds_payment_id_idx ON refunds (payment_id);
CREATE INDEX refunds_pending_idx ON refunds (call_began_at) WHERE status = 'pending';

CREATE TABLE refund_lines (
  refund_id TEXT NOT NULL REFERENCES refunds (id),
  line_id TEXT NOT NULL REFERENCES order_lines (id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  restocked BOOLEAN NOT NULL,
  PRIMARY KEY (refund_id, line_id)
);
CREATE INDEX refund_lines_line_id_idx ON refund_lines (line_id);

-- Double entry, append-only: the entries of one transaction sum to zero in each currency.
CREATE TABLE ledger_entries (
  id TEXT PRIMARY KEY,
  transaction_id TEXT NOT NULL,
  account TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount <> 0),
  currency TEXT NOT NULL,
  order_id TEXT NOT NULL,
  occurred_at TIMESTAMP NOT NULL
);
CREATE INDEX ledger_entries_transaction_id_idx ON ledger_entries (transaction_id);
CREATE INDEX ledger_entries_order_id_idx ON ledger_entries (order_id, id);

CREATE TABLE order_numbers (
  last BIGINT PRIMARY KEY
);
INSERT INTO order_numbers (last) VALUES (1000);
