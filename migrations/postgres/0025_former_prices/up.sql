-- What the cheapest variant cost before, where the shop says so of all that are as cheap; the lowest of what it says.
ALTER TABLE product_price_ranges ADD COLUMN min_compare_at BIGINT CHECK (min_compare_at >= 0);
UPDATE product_price_ranges SET min_compare_at = (
  SELECT CASE WHEN COUNT(p.compare_at) = COUNT(*) THEN MIN(p.compare_at) END
  FROM variants v JOIN prices p ON p.variant_id = v.id
  WHERE v.product_id = product_price_ranges.product_id
    AND p.currency = product_price_ranges.currency
    AND p.amount = product_price_ranges.min_amount
);
