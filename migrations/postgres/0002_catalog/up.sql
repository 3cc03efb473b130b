CREATE TABLE brands (
  id TEXT COLLATE "C" PRIMARY KEY,
  slug TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  name_folded TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX brands_name_folded_idx ON brands (name_folded, id);

CREATE TABLE categories (
  id TEXT COLLATE "C" PRIMARY KEY,
  external_id TEXT COLLATE "C" UNIQUE,
  slug TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  parent_id TEXT COLLATE "C" REFERENCES categories (id),
  position INTEGER NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX categories_parent_id_idx ON categories (parent_id, position, id);

CREATE TABLE products (
  id TEXT COLLATE "C" PRIMARY KEY,
  external_id TEXT COLLATE "C" UNIQUE,
  slug TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  name_folded TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
  brand_id TEXT COLLATE "C" REFERENCES brands (id),
  options TEXT COLLATE "C" NOT NULL,
  attributes TEXT COLLATE "C" NOT NULL,
  -- The best of its variants' availabilities; changes when a threshold is crossed, without a new version.
  availability TEXT COLLATE "C" NOT NULL CHECK (availability IN ('in_stock', 'low_stock', 'backorder', 'out_of_stock')),
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX products_created_at_idx ON products (status, created_at, id);
CREATE INDEX products_name_folded_idx ON products (status, name_folded, id);
CREATE INDEX products_brand_id_idx ON products (brand_id);

-- Slugs that a product has had before: they still lead to it, and no other may take them.
CREATE TABLE former_product_slugs (
  slug TEXT COLLATE "C" PRIMARY KEY,
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE
);
CREATE INDEX former_product_slugs_product_id_idx ON former_product_slugs (product_id);

-- The cheapest and the dearest variant in each currency, so that lists need not look at variants.
CREATE TABLE product_price_ranges (
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  currency TEXT COLLATE "C" NOT NULL,
  min_amount BIGINT NOT NULL CHECK (min_amount >= 0),
  max_amount BIGINT NOT NULL CHECK (max_amount >= min_amount),
  PRIMARY KEY (product_id, currency)
);
CREATE INDEX product_price_ranges_min_amount_idx ON product_price_ranges (currency, min_amount, product_id);

CREATE TABLE product_categories (
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  category_id TEXT COLLATE "C" NOT NULL REFERENCES categories (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (product_id, category_id)
);
CREATE INDEX product_categories_category_id_idx ON product_categories (category_id, product_id);

CREATE TABLE images (
  id TEXT COLLATE "C" PRIMARY KEY,
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  -- Of the bytes that came in; part of each rendition's address.
  hash TEXT COLLATE "C" NOT NULL,
  alt TEXT COLLATE "C" NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  placeholder TEXT COLLATE "C" NOT NULL,
  renditions TEXT COLLATE "C" NOT NULL,
  position INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX images_product_id_idx ON images (product_id, position, id);

CREATE TABLE variants (
  id TEXT COLLATE "C" PRIMARY KEY,
  product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  external_id TEXT COLLATE "C" UNIQUE,
  sku TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  options TEXT COLLATE "C" NOT NULL,
  barcode TEXT COLLATE "C",
  weight_grams INTEGER CHECK (weight_grams >= 0),
  image_id TEXT COLLATE "C" REFERENCES images (id) ON DELETE SET NULL,
  availability TEXT COLLATE "C" NOT NULL CHECK (availability IN ('in_stock', 'low_stock', 'backorder', 'out_of_stock')),
  position INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX variants_product_id_idx ON variants (product_id, position, id);
CREATE INDEX variants_image_id_idx ON variants (image_id);

CREATE TABLE prices (
  variant_id TEXT COLLATE "C" NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  currency TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL CHECK (amount >= 0),
  compare_at BIGINT CHECK (compare_at >= 0),
  PRIMARY KEY (variant_id, currency)
);
