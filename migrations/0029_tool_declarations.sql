-- risk: none (new column)
-- What exactly the people of a bank have approved of a tool: so they see what has changed since.

-- RFC 8785 text; its SHA-256 is the digest. Null for what was approved before it was kept.
alter table gateway.tool add column declaration text;
grant update (declaration) on gateway.tool to countersign_policy;
