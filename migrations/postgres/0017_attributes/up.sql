-- What the shop says of attributes and options by their key.
CREATE TABLE attribute_definitions (
  id TEXT COLLATE "C" PRIMARY KEY,
  key TEXT COLLATE "C" NOT NULL UNIQUE,
  label TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('text', 'number', 'boolean', 'list')),
  unit TEXT COLLATE "C",
  filterable BOOLEAN NOT NULL,
  position INTEGER NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

-- The values of filterable attributes and options, so that lists can be narrowed by them.
CREATE TABLE product_attribute_values (
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  key TEXT COLLATE "C" NOT NULL,
  -- Of a text; of a number it is empty.
  slug TEXT COLLATE "C" NOT NULL,
  number DOUBLE PRECISION,
  PRIMARY KEY (product_id, key, slug)
);
CREATE INDEX product_attribute_values_slug_idx ON product_attribute_values (key, slug, product_id);
CREATE INDEX product_attribute_values_number_idx ON product_attribute_values (key, number, product_id);
