DROP TABLE shop_state;
DROP TABLE person_keys;
DROP TABLE idempotency_keys;
DROP TABLE events;
