CREATE TABLE brands (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX brands_name_folded_idx ON brands (name_folded, id);

CREATE TABLE categories (
  id TEXT PRIMARY KEY,
  external_id TEXT UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  parent_id TEXT REFERENCES categories (id),
  position INTEGER NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX categories_parent_id_idx ON categories (parent_id, position, id);

CREATE TABLE products (
  id TEXT PRIMARY KEY,
  external_id TEXT UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
  brand_id TEXT REFERENCES brands (id),
  options TEXT NOT NULL,
  attributes TEXT NOT NULL,
  -- The best of its variants' availabilities; changes when a threshold is crossed, without a new version.
  availability TEXT NOT NULL CHECK (availability IN ('in_stock', 'low_stock', 'backorder', 'out_of_stock')),
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX products_created_at_idx ON products (status, created_at, id);
CREATE INDEX products_name_folded_idx ON products (status, name_folded, id);
CREATE INDEX products_brand_id_idx ON products (brand_id);

-- Slugs that a product has had before: they still lead to it, and no other may take them.
CREATE TABLE former_product_slugs (
  slug TEXT PRIMARY KEY,
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE
);
CREATE INDEX former_product_slugs_product_id_idx ON former_product_slugs (product_id);

-- The cheapest and the dearest variant in each currency, so that lists need not look at variants.
CREATE TABLE product_price_ranges (
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  currency TEXT NOT NULL,
  min_amount BIGINT NOT NULL CHECK (min_amount >= 0),
  max_amount BIGINT NOT NULL CHECK (max_amount >= min_amount),
  PRIMARY KEY (product_id, currency)
);
CREATE INDEX product_price_ranges_min_amount_idx ON product_price_ranges (currency, min_amount, product_id);

CREATE TABLE product_categories (
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  category_id TEXT NOT NULL REFERENCES categories (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (product_id, category_id)
);
CREATE INDEX product_categories_category_id_idx ON product_categories (category_id, product_id);

CREATE TABLE images (
  id TEXT PRIMARY KEY,
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  -- Of the bytes that came in; part of each rendition's address.
  hash TEXT NOT NULL,
  alt TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  placeholder TEXT NOT NULL,
  renditions TEXT NOT NULL,
  position INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX images_product_id_idx ON images (product_id, position, id);

CREATE TABLE variants (
  id TEXT PRIMARY KEY,
  product_id TEXT NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  external_id TEXT UNIQUE,
  sku TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  options TEXT NOT NULL,
  barcode TEXT,
  weight_grams INTEGER CHECK (weight_grams >= 0),
  image_id TEXT REFERENCES images (id) ON DELETE SET NULL,
  availability TEXT NOT NULL CHECK (availability IN ('in_stock', 'low_stock', 'backorder', 'out_of_stock')),
  position INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX variants_product_id_idx ON variants (product_id, position, id);
CREATE INDEX variants_image_id_idx ON variants (image_id);

CREATE TABLE prices (
  variant_id TEXT NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  currency TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount >= 0),
  compare_at BIGINT CHECK (compare_at >= 0),
  PRIMARY KEY (variant_id, currency)
);
