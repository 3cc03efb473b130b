-- When a product is to be published, and when no longer; empty once that has happened.
ALTER TABLE products ADD COLUMN publish_at TIMESTAMP;
ALTER TABLE products ADD COLUMN unpublish_at TIMESTAMP;
CREATE INDEX products_publish_at_idx ON products (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX products_unpublish_at_idx ON products (unpublish_at) WHERE unpublish_at IS NOT NULL;
