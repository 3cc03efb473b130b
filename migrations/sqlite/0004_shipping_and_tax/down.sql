DROP TABLE tax_rates;
DROP TABLE shipping_prices;
DROP TABLE shipping_options;
DROP TABLE shipping_zone_countries;
DROP TABLE shipping_zones;
