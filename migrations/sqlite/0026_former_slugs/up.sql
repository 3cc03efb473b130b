-- Slugs that a category or a collection has had before: they still lead to it, and no other may take them.
CREATE TABLE former_category_slugs (
  slug TEXT PRIMARY KEY,
  category_id TEXT NOT NULL REFERENCES categories (id) ON DELETE CASCADE
);
CREATE INDEX former_category_slugs_category_id_idx ON former_category_slugs (category_id);
CREATE TABLE former_collection_slugs (
  slug TEXT PRIMARY KEY,
  collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE
);
CREATE INDEX former_collection_slugs_collection_id_idx ON former_collection_slugs (collection_id);
