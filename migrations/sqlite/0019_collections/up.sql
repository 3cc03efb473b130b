-- Products that the shop shows together: put in one by one, or by rules that are looked at when somebody asks.
CREATE TABLE collections (
  id TEXT PRIMARY KEY,
  external_id TEXT UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  description TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('manual', 'rules')),
  -- JSON, of one by rules.
  rules TEXT,
  published BOOLEAN NOT NULL,
  position INTEGER NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CHECK ((kind = 'rules') = (rules IS NOT NULL))
);
CREATE INDEX collections_position_idx ON collections (position, id);
CREATE INDEX collections_name_folded_idx ON collections (name_folded, id);

-- What was put into a collection, in the order to show it.
CREATE TABLE collection_products (
  collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (collection_id, product_id)
);
CREATE INDEX collection_products_product_id_idx ON collection_products (product_id);
