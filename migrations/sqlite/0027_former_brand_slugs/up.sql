-- Slugs that a brand has had before: they still lead to it, and no other may take them.
CREATE TABLE former_brand_slugs (
  slug TEXT PRIMARY KEY,
  brand_id TEXT NOT NULL REFERENCES brands (id) ON DELETE CASCADE
);
CREATE INDEX former_brand_slugs_brand_id_idx ON former_brand_slugs (brand_id);
