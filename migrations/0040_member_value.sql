-- risk: low (a wider check, and an index of a table that few rows are in)
-- What members are worth is told of as well, once a month; and all that was told of one is found.
alter table loyalty.member_signal
  drop constraint kind_is_known,
  add constraint kind_is_known check (kind in ('burn_suggested', 'at_risk', 'valued'));
create index member_signal_of_customer on loyalty.member_signal (tenant_id, customer, kind, month);
