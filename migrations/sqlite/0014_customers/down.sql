DROP TABLE customer_notes;
DROP TABLE customer_tags;
DROP TABLE customer_group_members;
DROP TABLE customer_groups;
