DROP INDEX product_popularity_rank_idx;
CREATE INDEX product_popularity_rank_idx ON product_popularity (rank, product_id);
DROP INDEX product_price_ranges_falling_idx;
DROP INDEX products_created_at_idx;
CREATE INDEX products_created_at_idx ON products (status, created_at, id);
