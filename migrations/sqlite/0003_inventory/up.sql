CREATE TABLE locations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);

-- What an editor sees as one resource: its version changes with counts and adjustments, not with sales.
CREATE TABLE stock_items (
  variant_id TEXT PRIMARY KEY REFERENCES variants (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

CREATE TABLE stock_levels (
  variant_id TEXT NOT NULL REFERENCES stock_items (variant_id) ON DELETE CASCADE,
  location_id TEXT NOT NULL REFERENCES locations (id),
  on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
  reserved BIGINT NOT NULL CHECK (reserved >= 0),
  backordered BIGINT NOT NULL CHECK (backordered >= 0),
  safety_stock BIGINT NOT NULL CHECK (safety_stock >= 0),
  PRIMARY KEY (variant_id, location_id),
  CHECK (reserved <= on_hand)
);
CREATE INDEX stock_levels_location_id_idx ON stock_levels (location_id);

-- Append-only: every change of `on_hand` with its cause. A variant that goes leaves its movements standing.
CREATE TABLE stock_movements (
  id TEXT PRIMARY KEY,
  variant_id TEXT NOT NULL,
  location_id TEXT NOT NULL REFERENCES locations (id),
  delta BIGINT NOT NULL CHECK (delta <> 0),
  cause TEXT NOT NULL CHECK (cause IN ('initial', 'count', 'adjustment', 'sale', 'restock')),
  reason TEXT,
  order_id TEXT,
  actor_id TEXT,
  occurred_at TIMESTAMP NOT NULL
);
CREATE INDEX stock_movements_variant_id_idx ON stock_movements (variant_id, id);
CREATE INDEX stock_movements_location_id_idx ON stock_movements (location_id);
CREATE INDEX stock_movements_order_id_idx ON stock_movements (order_id);

-- Units of an order line that stand reserved: held until a deadline while the payment runs, then allocated until shipped.
-- `quantity` is what still stands; 0 when all of it has shipped or was released.
CREATE TABLE reservations (
  line_id TEXT NOT NULL,
  variant_id TEXT NOT NULL,
  location_id TEXT NOT NULL REFERENCES locations (id),
  order_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held', 'allocated', 'released')),
  quantity BIGINT NOT NULL CHECK (quantity >= 0),
  deadline TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (line_id, location_id)
);
CREATE INDEX reservations_variant_id_idx ON reservations (variant_id, location_id);
CREATE INDEX reservations_location_id_idx ON reservations (location_id);
CREATE INDEX reservations_order_id_idx ON reservations (order_id);
