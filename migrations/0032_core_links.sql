-- risk: none (new tables)
-- A bank on an external core: what of ours is which of the core's, what the core has told, and
-- where the two books differ.

create table register.core_link (
  tenant_id text collate "C" not null,
  core text collate "C" not null,
  kind text collate "C" not null
    constraint kind_is_known check (kind in ('account', 'party', 'product', 'clearing')),
  -- The public id; of the clearing accounts, whose other side is a currency, as well.
  own_id text collate "C" not null,
  core_id text collate "C" not null,
  -- What the core had booked by then is in the opening balance.
  as_of timestamptz(3),
  linked_at timestamptz(3) not null,
  primary key (tenant_id, core, kind, own_id),
  constraint a_core_id_is_linked_once unique (tenant_id, core, kind, core_id),
  constraint accounts_begin_at_an_instant check ((kind = 'account') = (as_of is not null))
);
call core.isolate_tenants('register.core_link');

-- Where the two books differ, and until when they did.
create table register.core_difference (
  tenant_id text collate "C" not null,
  id uuid not null,
  core text collate "C" not null,
  kind text collate "C" not null
    constraint kind_is_known check (kind in ('balance', 'missing', 'not_mirrored')),
  -- The core's account, or what else the core's event was about.
  core_id text collate "C" not null,
  -- Ours, where it is linked.
  account_id text collate "C",
  currency text,
  -- Minor units, what is owed to the holder above zero; of an entry, its amount is `theirs`.
  ours bigint,
  theirs bigint,
  -- What could not be mirrored.
  core_event text collate "C" not null default '',
  reason text,
  found_at timestamptz(3) not null,
  ended_at timestamptz(3),
  primary key (tenant_id, id)
);
call core.isolate_tenants('register.core_difference');
create unique index one_open_difference_of_a_kind
  on register.core_difference (tenant_id, core, core_id, kind, core_event)
  where ended_at is null;

-- What the core has told, kept before it is answered: its id is why a redelivery changes nothing.
create table register.core_event (
  tenant_id text collate "C" not null,
  core text collate "C" not null,
  id text collate "C" not null,
  -- In the order of arrival.
  seq bigint generated always as identity,
  -- What it is about: events of one subject are taken one after the other.
  subject text collate "C" not null,
  body jsonb not null,
  arrived_at timestamptz(3) not null,
  handled_at timestamptz(3),
  primary key (tenant_id, core, id)
);
call core.isolate_tenants('register.core_event');
create index core_event_is_open on register.core_event (tenant_id, core, seq)
  where handled_at is null;

-- How far the core was read: its events, and the entries of single accounts.
create table register.core_cursor (
  tenant_id text collate "C" not null,
  core text collate "C" not null,
  name text collate "C" not null,
  cursor text not null,
  primary key (tenant_id, core, name)
);
call core.isolate_tenants('register.core_cursor');

grant usage on schema register to countersign_app;
grant select, insert on register.core_link, register.core_difference to countersign_policy;
grant update (ended_at) on register.core_difference to countersign_policy;
grant select on register.core_link, register.core_difference, register.core_event
  to countersign_read;
-- What comes from outside is kept as it comes; what follows of it, commands write.
grant select, insert, update, delete on register.core_event, register.core_cursor
  to countersign_app;
