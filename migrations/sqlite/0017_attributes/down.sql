DROP TABLE product_attribute_values;
DROP TABLE attribute_definitions;
