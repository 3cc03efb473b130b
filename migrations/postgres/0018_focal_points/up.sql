-- The point that stays in sight where the image is cropped, as JSON; empty where none is named.
ALTER TABLE images ADD COLUMN focal_point TEXT COLLATE "C";
