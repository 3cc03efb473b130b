ALTER TABLE product_price_ranges DROP COLUMN min_compare_at;
