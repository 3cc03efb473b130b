DROP TABLE sales_counted;
DROP TABLE product_popularity;
DROP TABLE search_counts;
DROP TABLE synonyms;
