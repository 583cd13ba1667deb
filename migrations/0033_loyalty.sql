-- risk: none (new tables)
-- Loyalty: who is a member of which programme, by which accounts of the ledger, and what stands on
-- them lot by lot.

create schema loyalty;
grant usage on schema loyalty to countersign_policy, countersign_app, countersign_read;
