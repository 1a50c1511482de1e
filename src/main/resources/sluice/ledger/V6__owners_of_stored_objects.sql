-- Whose the objects are that accounts store for tenants. Ids are unique within an account.
CREATE TABLE stored_object (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    -- The path of its collection, such as files.
    kind TEXT NOT NULL,
    since_millis BIGINT NOT NULL,
    PRIMARY KEY (account, id)
)${clustered};
CREATE INDEX stored_object_tenant ON stored_object (tenant, account, kind);

-- Answers are many, and the API keeps them for a month.
CREATE INDEX stored_object_since ON stored_object (since_millis) WHERE kind IN ('responses', 'chat/completions');
