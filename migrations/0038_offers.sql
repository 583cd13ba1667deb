-- risk: none (new tables)
-- Offers: what may be offered, to whom it was, and what became of it.

create schema offers;
grant usage on schema offers to countersign_policy, countersign_app, countersign_read;
