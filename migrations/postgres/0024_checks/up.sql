-- How much a text is to be missed: the least are given up first where a day has too many. It is the searches, and what
-- the text had that was given up for it.
ALTER TABLE search_counts ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
UPDATE search_counts SET weight = searches;

-- What the rules of collections name, so that none of it goes.
CREATE TABLE collection_rule_categories (
  collection_id TEXT COLLATE "C" NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  category_id TEXT COLLATE "C" NOT NULL REFERENCES categories (id),
  PRIMARY KEY (collection_id, category_id)
);
CREATE INDEX collection_rule_categories_category_id_idx ON collection_rule_categories (category_id);
CREATE TABLE collection_rule_brands (
  collection_id TEXT COLLATE "C" NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  brand_id TEXT COLLATE "C" NOT NULL REFERENCES brands (id),
  PRIMARY KEY (collection_id, brand_id)
);
CREATE INDEX collection_rule_brands_brand_id_idx ON collection_rule_brands (brand_id);

INSERT INTO collection_rule_categories (collection_id, category_id)
SELECT DISTINCT c.id, named.id
FROM collections c, jsonb_array_elements(c.rules::jsonb -> 'conditions') condition,
  jsonb_array_elements_text(condition -> 'category') named (id)
WHERE c.rules IS NOT NULL AND named.id IN (SELECT id FROM categories);
INSERT INTO collection_rule_brands (collection_id, brand_id)
SELECT DISTINCT c.id, named.id
FROM collections c, jsonb_array_elements(c.rules::jsonb -> 'conditions') condition,
  jsonb_array_elements_text(condition -> 'brand') named (id)
WHERE c.rules IS NOT NULL AND named.id IN (SELECT id FROM brands);
