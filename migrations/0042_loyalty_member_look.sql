-- risk: none (new table)
-- When a member was last looked at as one about to leave: who was, leaves the turn to others.
create table loyalty.member_look (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  kind text not null constraint kind_is_known check (kind = 'at_risk'),
  -- The day of the programme's time zone.
  looked_on date not null,
  primary key (tenant_id, program, kind, customer)
);
call core.isolate_tenants('loyalty.member_look');

grant select, insert, update (looked_on) on loyalty.member_look to countersign_policy;
grant select on loyalty.member_look to countersign_read;
