-- risk: low (a column with a default that is no rewrite)
-- Returns of a purchase that take nothing: they are in another currency, and nobody has said what
-- they are worth at home.
alter table loyalty.earned add column left_out text[] not null default '{}';
