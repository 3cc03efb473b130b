-- Slugs of values are made in another way: what is there is written anew when the program next opens the database.
INSERT INTO shop_state (name, value)
SELECT 'stale_attribute_slugs', '' WHERE EXISTS (SELECT 1 FROM product_attribute_values);
