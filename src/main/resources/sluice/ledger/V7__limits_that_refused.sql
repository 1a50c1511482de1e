-- Which limit refused a call, as in the access log: its code names only the kind.
ALTER TABLE call ADD COLUMN limit_name TEXT NOT NULL DEFAULT '';
