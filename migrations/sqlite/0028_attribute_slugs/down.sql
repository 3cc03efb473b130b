DELETE FROM shop_state WHERE name = 'stale_attribute_slugs';
