ALTER TABLE images DROP COLUMN focal_point;
