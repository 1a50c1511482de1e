-- Who has called, where a token or a client certificate says so.
ALTER TABLE call ADD COLUMN subject TEXT NOT NULL DEFAULT '';
