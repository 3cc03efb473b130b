-- How many of a variant one cart may hold; where the most is empty, as many as of any other.
ALTER TABLE variants ADD COLUMN min_order_quantity INTEGER NOT NULL DEFAULT 1
  CHECK (min_order_quantity BETWEEN 1 AND 999);
ALTER TABLE variants ADD COLUMN max_order_quantity INTEGER
  CHECK (max_order_quantity BETWEEN min_order_quantity AND 999);
CREATE INDEX variants_barcode_idx ON variants (barcode);

-- The shop's own key for a brand.
ALTER TABLE brands ADD COLUMN external_id TEXT COLLATE "C";
CREATE UNIQUE INDEX brands_external_id_key ON brands (external_id) WHERE external_id IS NOT NULL;
