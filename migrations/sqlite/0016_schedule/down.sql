DROP INDEX products_unpublish_at_idx;
DROP INDEX products_publish_at_idx;
ALTER TABLE products DROP COLUMN unpublish_at;
ALTER TABLE products DROP COLUMN publish_at;
