DROP TABLE former_collection_slugs;
DROP TABLE former_category_slugs;
