DROP INDEX brands_external_id_key;
ALTER TABLE brands DROP COLUMN external_id;
DROP INDEX variants_barcode_idx;
ALTER TABLE variants DROP COLUMN max_order_quantity;
ALTER TABLE variants DROP COLUMN min_order_quantity;
