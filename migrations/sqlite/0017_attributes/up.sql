-- What the shop says of attributes and options by their key.
CREATE TABLE attribute_definitions (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'boolean', 'list')),
  unit TEXT,
  filterable BOOLEAN NOT NULL,
  position INTEGER NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

-- The values of filterable attributes and options, so that lists can be narrowed by them.
CREATE TABLE product_attribute_values (
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  -- Of a text; of a number it is empty.
  slug TEXT NOT NULL,
  number DOUBLE PRECISION,
  PRIMARY KEY (product_id, key, slug)
);
CREATE INDEX product_attribute_values_slug_idx ON product_attribute_values (key, slug, product_id);
CREATE INDEX product_attribute_values_number_idx ON product_attribute_values (key, number, product_id);
