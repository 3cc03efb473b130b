CREATE TABLE shipping_zones (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

-- A country lies in one zone at most.
CREATE TABLE shipping_zone_countries (
  country TEXT PRIMARY KEY,
  zone_id TEXT NOT NULL REFERENCES shipping_zones (id) ON DELETE CASCADE
);
CREATE INDEX shipping_zone_countries_zone_id_idx ON shipping_zone_countries (zone_id);

CREATE TABLE shipping_options (
  id TEXT PRIMARY KEY,
  zone_id TEXT NOT NULL REFERENCES shipping_zones (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  days_min INTEGER CHECK (days_min >= 0),
  days_max INTEGER CHECK (days_max >= days_min),
  position INTEGER NOT NULL
);
CREATE INDEX shipping_options_zone_id_idx ON shipping_options (zone_id, position, id);

CREATE TABLE shipping_prices (
  option_id TEXT NOT NULL REFERENCES shipping_options (id) ON DELETE CASCADE,
  currency TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (option_id, currency)
);

CREATE TABLE tax_rates (
  id TEXT PRIMARY KEY,
  country TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  rate TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
