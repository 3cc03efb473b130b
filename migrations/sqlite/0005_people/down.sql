DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE staff;
DROP TABLE customers;
DROP TABLE logins;
