-- Files of before Flyway hold these tables, or one of them.
CREATE TABLE IF NOT EXISTS day_level (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    remaining BIGINT NOT NULL,
    at_millis BIGINT NOT NULL,
    PRIMARY KEY (owner, name)
);

CREATE TABLE IF NOT EXISTS revoked_key (
    id TEXT PRIMARY KEY
);
