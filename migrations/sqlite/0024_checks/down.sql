DROP TABLE collection_rule_brands;
DROP TABLE collection_rule_categories;
ALTER TABLE search_counts DROP COLUMN weight;
