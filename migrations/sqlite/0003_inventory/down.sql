DROP TABLE reservations;
DROP TABLE stock_movements;
DROP TABLE stock_levels;
DROP TABLE stock_items;
DROP TABLE locations;
