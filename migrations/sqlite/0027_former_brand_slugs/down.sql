DROP TABLE former_brand_slugs;
