-- risk: none (new table, new index)
-- Service requests: what customers ask people of the bank for. And by which call an agent's
-- proposal is found again, where the call itself is what the customer agrees to.

create table register.service_request (
  tenant_id text collate "C" not null,
  id uuid not null,
  party_id text collate "C" not null,
  subject text collate "C" not null,
  -- In the customer's words; null where the subject says it all.
  text_token text constraint text_is_a_token check (text_token ~ '^tok_text_'),
  status text not null default 'open',
  made_at timestamptz(3) not null,
  ended_at timestamptz(3),
  primary key (tenant_id, id),
  constraint status_is_known check (status in ('open', 'done', 'declined')),
  constraint only_what_ends_has_an_end check ((status = 'open') = (ended_at is null)),
  constraint request_is_of_a_party foreign key (tenant_id, party_id)
    references register.party (tenant_id, id)
);
call core.isolate_tenants('register.service_request');
create index request_of_party on register.service_request (tenant_id, party_id, id);
create index request_is_open on register.service_request (tenant_id, id) where status = 'open';

grant select, insert, update (status, ended_at) on register.service_request to countersign_policy;
grant select on register.service_request to countersign_read;

create index proposal_of_call on gateway.proposal (tenant_id, customer, arguments_digest);
