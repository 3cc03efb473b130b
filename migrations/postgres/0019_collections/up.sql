-- Products that the shop shows together: put in one by one, or by rules that are looked at when somebody asks.
CREATE TABLE collections (
  id TEXT COLLATE "C" PRIMARY KEY,
  external_id TEXT COLLATE "C" UNIQUE,
  slug TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  name_folded TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('manual', 'rules')),
  -- JSON, of one by rules.
  rules TEXT COLLATE "C",
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
  collection_id TEXT COLLATE "C" NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (collection_id, product_id)
);
CREATE INDEX collection_products_product_id_idx ON collection_products (product_id);
