-- Words that mean the same: all of `words` among each other, or each of `from_words` what any of `to_words` says.
CREATE TABLE synonyms (
  id TEXT PRIMARY KEY,
  words TEXT NOT NULL,
  from_words TEXT NOT NULL,
  to_words TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

-- What was searched for on a day, folded and without what might be personal.
CREATE TABLE search_counts (
  day TIMESTAMP NOT NULL,
  query TEXT NOT NULL,
  searches BIGINT NOT NULL,
  without_results BIGINT NOT NULL,
  -- Found the last time.
  results BIGINT NOT NULL,
  PRIMARY KEY (day, query)
);
CREATE INDEX search_counts_query_idx ON search_counts (query, day);

-- How well products sell: units, of which half are forgotten every 30 days.
CREATE TABLE product_popularity (
  product_id TEXT PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
  -- Thousandths of a unit, as of the day (counted from 1970-01-01).
  score BIGINT NOT NULL,
  day BIGINT NOT NULL,
  -- What lists and searches go by, on a scale that time does not move; empty until it is shown for the first time.
  rank BIGINT,
  shown_at TIMESTAMP,
  -- Whether the score says something else than the rank.
  is_due BOOLEAN NOT NULL
);
CREATE INDEX product_popularity_rank_idx ON product_popularity (rank, product_id);
CREATE INDEX product_popularity_due_idx ON product_popularity (shown_at) WHERE is_due;

-- How far sales have been counted: one row.
CREATE TABLE sales_counted (
  position BIGINT PRIMARY KEY
);
INSERT INTO sales_counted (position) VALUES (0);
