-- risk: none (new tables)
-- The register of our own core: parties, how to reach them, products, and who holds which account.
-- Personal values stand here as tokens of the vault alone.

create schema register;

create table register.party (
  tenant_id text collate "C" not null,
  -- The public id: consents, screenings and the vault name the party by it, too.
  id text collate "C" not null,
  kind text not null
    constraint kind_is_known check (kind in ('person', 'organisation')),
  status text not null
    constraint status_is_known check (status in ('prospect', 'customer', 'former')),
  segment text not null
    constraint segment_is_known check (segment in ('person', 'business')),
  country text not null constraint country_has_two_letters check (country ~ '^[A-Z]{2}$'),
  name_token text not null constraint name_is_a_token check (name_token ~ '^tok_name_'),
  date_of_birth_token text
    constraint birth_is_a_token check (date_of_birth_token ~ '^tok_dob_'),
  -- ISO 18245.
  merchant_category text,
  household text collate "C",
  since date not null,
  registered_at timestamptz(3) not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, id),
  constraint only_persons_are_born check (kind = 'person' or date_of_birth_token is null)
);
create index party_by_registration on register.party (tenant_id, registered_at, id);
call core.isolate_tenants('register.party');

create table register.contact_point (
  tenant_id text collate "C" not null,
  party_id text collate "C" not null,
  kind text collate "C" not null
    constraint kind_is_known check (kind in ('email', 'phone', 'postal_address')),
  usage text collate "C" not null
    constraint usage_is_known check (usage in ('main', 'home', 'work', 'mobile')),
  -- Null once it is removed.
  value_token text constraint value_is_a_token check (value_token ~ '^tok_(mail|tel|addr)_'),
  changed_at timestamptz(3) not null,
  primary key (tenant_id, party_id, kind, usage),
  foreign key (tenant_id, party_id) references register.party (tenant_id, id)
);
call core.isolate_tenants('register.contact_point');

create table register.product (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  code text collate "C" not null,
  kind text not null,
  name text not null,
  currency text not null,
  status text not null
    constraint status_is_known check (status in ('draft', 'offered', 'withdrawn')),
  terms jsonb not null,
  defined_at timestamptz(3) not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, id),
  constraint a_code_names_one_product unique (tenant_id, code)
);
call core.isolate_tenants('register.product');

-- By which product an account of the ledger is kept.
create table register.arrangement (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  product_id text collate "C" not null,
  agreed_at timestamptz(3) not null,
  primary key (tenant_id, account_id),
  foreign key (tenant_id, product_id) references register.product (tenant_id, id)
);
call core.isolate_tenants('register.arrangement');

create table register.account_party (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  party_id text collate "C" not null,
  role text not null
    constraint role_is_known check (role in ('holder', 'joint_holder', 'former')),
  linked_at timestamptz(3) not null,
  primary key (tenant_id, account_id, party_id),
  foreign key (tenant_id, party_id) references register.party (tenant_id, id)
);
create index account_of_party on register.account_party (tenant_id, party_id, account_id);
-- The payment path looks the holder up here.
create unique index an_account_has_one_holder on register.account_party (tenant_id, account_id)
  where role = 'holder';
call core.isolate_tenants('register.account_party');

grant usage on schema register to countersign_policy, countersign_read;
grant select, insert on register.party, register.contact_point, register.product,
  register.arrangement, register.account_party to countersign_policy;
grant update (status, segment, country, name_token, date_of_birth_token, merchant_category,
  household, changed_at) on register.party to countersign_policy;
grant update (value_token, changed_at) on register.contact_point to countersign_policy;
grant update (name, status, terms, changed_at) on register.product to countersign_policy;
grant update (product_id, agreed_at) on register.arrangement to countersign_policy;
grant update (role, linked_at) on register.account_party to countersign_policy;
grant select on register.party, register.contact_point, register.product, register.arrangement,
  register.account_party to countersign_read;
