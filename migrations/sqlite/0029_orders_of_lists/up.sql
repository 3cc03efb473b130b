-- In the very order of the lists: what is the newest, the dearest or sells best comes first, and the lower id of two that
-- are equal. Read backwards, the former ones gave the higher id first, and all that are equal had to be sorted for a page.
DROP INDEX products_created_at_idx;
CREATE INDEX products_created_at_idx ON products (status, created_at DESC, id);
CREATE INDEX product_price_ranges_falling_idx ON product_price_ranges (currency, min_amount DESC, product_id);
DROP INDEX product_popularity_rank_idx;
CREATE INDEX product_popularity_rank_idx ON product_popularity (rank DESC, product_id);
