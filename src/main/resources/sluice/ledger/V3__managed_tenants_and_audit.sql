-- Tenants and keys that the admin API has made. Every change takes the next number, so that changes are made one after
-- another, and a replica reads what is newer than what it has. Rows that are gone stay, so that replicas learn of it.
CREATE TABLE last_change (
    name TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO last_change (name, number) VALUES ('managed', 0);

CREATE TABLE managed_tenant (
    name TEXT PRIMARY KEY,
    -- In the keys of the configuration, as JSON.
    settings TEXT NOT NULL,
    created_millis BIGINT NOT NULL,
    changed_millis BIGINT NOT NULL,
    gone INTEGER NOT NULL,
    change_number BIGINT NOT NULL
);
CREATE INDEX managed_tenant_change ON managed_tenant (change_number);

CREATE TABLE managed_key (
    id TEXT PRIMARY KEY,
    -- The SHA-256 of the key, of which nothing else is kept.
    digest TEXT NOT NULL,
    tenant TEXT NOT NULL,
    label TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_millis BIGINT NOT NULL,
    -- When it ends; 0 for never.
    not_after_millis BIGINT NOT NULL,
    -- The key that it was rotated into.
    replaced_by TEXT NOT NULL,
    gone INTEGER NOT NULL,
    change_number BIGINT NOT NULL
);
CREATE INDEX managed_key_change ON managed_key (change_number);

-- What was last done to the keys in revoked_key, for replicas to follow.
CREATE TABLE revocation (
    id TEXT PRIMARY KEY,
    revoked INTEGER NOT NULL,
    change_number BIGINT NOT NULL
);
CREATE INDEX revocation_change ON revocation (change_number);

-- Who has changed what, kept for ever.
CREATE TABLE audit (
    number BIGINT PRIMARY KEY,
    at_millis BIGINT NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    before_change TEXT NOT NULL,
    after_change TEXT NOT NULL
);
CREATE INDEX audit_tenant ON audit (tenant, number);

-- What requests that carried an Idempotency-Key have made, by its name or id, for a day.
CREATE TABLE answered_request (
    who TEXT NOT NULL,
    request_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    at_millis BIGINT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (who, request_key)
);
CREATE INDEX answered_request_at ON answered_request (at_millis);

-- A call is found by its id, and those of a tenant in the order of time.
CREATE INDEX call_id ON call (id);
CREATE INDEX call_tenant ON call (tenant, at_millis);
