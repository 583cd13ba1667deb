-- risk: none (new table)
-- What is asked of another core, written down before it is asked: whoever finds an intent open can
-- look up what became of it, and finish the command.

create table money.core_intent (
  tenant_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  command_id uuid not null,
  -- SHA-256 of tenant, operation and body, in hex: a retry must match it.
  digest text not null,
  core text collate "C" not null,
  -- Ours, of 16 characters: by it the core finds its last step again.
  reference text not null,
  -- From whose account money leaves: what is under way counts before its next command.
  debtor_id uuid not null,
  -- The calls of the core, in their order: [{operation, order}].
  steps jsonb not null,
  -- The countersigned command with all that its posting needs; null once it is posted.
  item text,
  state text not null default 'sent',
  -- The core's own name for what it did.
  core_reference text,
  -- The core's own code and text, or what our ledger says against a move that was made.
  refusal text,
  -- What a person has to accept first, as the core has shown it.
  overrides jsonb,
  -- How often the core was asked to do it, and to tell what became of it.
  attempts integer not null default 1,
  looks integer not null default 0,
  next_look_at timestamptz(3) not null,
  made_at timestamptz(3) not null,
  -- When somebody was last allowed to ask the core to do it.
  asked_at timestamptz(3) not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, idempotency_key),
  constraint state_is_known check (state in ('sent', 'unknown', 'pending_approval',
    'needs_override', 'completed', 'rejected')),
  constraint open_intent_has_its_item
    check (item is not null or state in ('completed', 'rejected')),
  constraint one_intent_per_command unique (tenant_id, command_id),
  constraint one_intent_per_reference unique (tenant_id, core, reference)
);
call core.isolate_tenants('money.core_intent');
create index core_intent_is_under_way on money.core_intent (tenant_id, debtor_id, made_at)
  where state not in ('completed', 'rejected');
-- Those that give back before they move: what of a hold may be gone at the core.
create index core_intent_gives_back on money.core_intent (tenant_id, debtor_id)
  where jsonb_array_length(steps) > 1;
create index core_intent_is_due on money.core_intent (next_look_at, command_id)
  where state not in ('completed', 'rejected');

-- Written before the core is asked: those of a batch, with its commit.
create function money.record_intents(
  tenants text[], keys text[], commands uuid[], digests text[], cores text[], refs text[],
  debtors uuid[], steps text, items text, looks timestamptz[], made timestamptz[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into money.core_intent (tenant_id, idempotency_key, command_id, digest, core, reference,
    debtor_id, steps, item, next_look_at, made_at, asked_at, changed_at)
  select t, k, c, d, n, r, a, s::jsonb, i, l, m, m, m
    from unnest(tenants, keys, commands, digests, cores, refs, debtors, core.lines(steps),
      core.lines(items), looks, made) as x(t, k, c, d, n, r, a, s, i, l, m)
   order by t collate "C", k collate "C";
end;

-- Ends intents together with the rows of their commands.
create function money.close_intents(
  tenants text[], keys text[], states text[], refs text, reasons text, changed timestamptz[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  update money.core_intent i
     set state = x.s, core_reference = x.r, refusal = x.why, item = null, changed_at = x.c
    from unnest(tenants, keys, states, core.lines(refs), core.lines(reasons), changed)
      as x(t, k, s, r, why, c)
   where i.tenant_id = x.t and i.idempotency_key = x.k
     and i.state not in ('completed', 'rejected');
end;

-- Those of these keys, and those that are under way from these accounts, the oldest first.
create function money.read_intents(
  key_tenants text[], keys text[], debtor_tenants text[], debtors uuid[]
) returns setof money.core_intent
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select * from money.core_intent i
   where (i.tenant_id, i.idempotency_key) in (select t, k from unnest(key_tenants, keys) as w(t, k))
      or (i.state in ('sent', 'unknown', 'pending_approval') and (i.tenant_id, i.debtor_id) in
        (select t, d from unnest(debtor_tenants, debtors) as w(t, d)))
   order by i.made_at, i.command_id;
end;

-- What becomes of one while it is open. Answers whether it is. What waits for a checker of the core
-- stays so until the core has said more: it is never asked for again.
create function money.note_intent(
  tenant text, key text, new_state text, ref text, why text, shown jsonb, looked integer,
  look_at timestamptz, changed timestamptz
) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  update money.core_intent i
     set state = case when i.state = 'pending_approval' and new_state = 'unknown' then i.state
           else coalesce(new_state, i.state) end,
         core_reference = coalesce(ref, i.core_reference),
         refusal = coalesce(why, i.refusal), overrides = coalesce(shown, i.overrides),
         looks = i.looks + looked,
         next_look_at = coalesce(look_at, i.next_look_at), changed_at = changed
   where i.tenant_id = tenant and i.idempotency_key = key
     and i.state not in ('completed', 'rejected');
  return found;
end $$;

-- Whether the caller may ask the core to do it once more: of several that want to, one may.
create function money.claim_intent(tenant text, key text, attempts_before integer,
    changed timestamptz)
  returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  update money.core_intent i
     set state = 'sent', attempts = i.attempts + 1, asked_at = changed, changed_at = changed
   where i.tenant_id = tenant and i.idempotency_key = key and i.attempts = attempts_before
     and i.state in ('sent', 'unknown');
  return found;
end $$;

-- Takes back one of which nothing can have happened: its key is free again. Answers whether it was
-- such a one.
create function money.withdraw_intent(tenant text, key text, command uuid) returns boolean
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from money.core_intent i
   where i.tenant_id = tenant and i.idempotency_key = key and i.command_id = command
     and (i.state = 'needs_override' or i.state = 'sent' and i.attempts = 1);
  return found;
end $$;

-- Takes back those of which the core has only warned, for what stands in their place from the same
-- commit on. Where one has gone on meanwhile, the transaction is refused (CS001), and looks again.
create function money.replace_intents(tenants text[], keys text[], commands uuid[]) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  taken bigint;
begin
  delete from money.core_intent i using unnest(tenants, keys, commands) as x(t, k, c)
   where i.tenant_id = x.t and i.idempotency_key = x.k and i.command_id = x.c
     and i.state = 'needs_override';
  get diagnostics taken = row_count;
  if taken < cardinality(keys) then
    raise exception 'what was warned of has gone on meanwhile' using errcode = 'CS001';
  end if;
end $$;

-- Of all tenants: at which somebody has to look by then, but for those that wait for a person.
create function money.due_intents(core_name text, until timestamptz, page integer,
    looks_max integer, after_at timestamptz, after_id uuid)
  returns table (tenant text, id uuid, key text, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select tenant_id, command_id, idempotency_key, next_look_at from money.core_intent
   where core = core_name and state in ('sent', 'unknown', 'pending_approval')
     and looks < looks_max and next_look_at <= until
     and (next_look_at, command_id) > (after_at, after_id)
   order by next_look_at, command_id limit page;
end;

-- Of all tenants, for the measures of the operator.
create function money.count_intents(looks_max integer)
  returns table (core text, state text, is_left boolean, count bigint)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select core, state, looks >= looks_max, count(*) from money.core_intent
   where state not in ('completed', 'rejected') group by 1, 2, 3;
end;

-- While a core may be moving what was asked under a key, nothing else is recorded under that key,
-- whatever policy says by then: CS002 for the same command, CS003 for another one.
create function money.expect_no_open_intent() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  -- A few keys against a table that keeps growing.
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  is_same boolean;
begin
  select i.digest = encode(a.digest, 'hex') into is_same
    from added a
    join money.core_intent i
      on i.tenant_id = a.tenant_id and i.idempotency_key = a.idempotency_key
   where i.command_id <> a.id and i.state not in ('completed', 'rejected') limit 1;
  if is_same then
    raise exception 'a core may have done it already' using errcode = 'CS002';
  elsif is_same is not null then
    raise exception 'a core was asked for another command under this key' using errcode = 'CS003';
  end if;
  return null;
end $$;
create trigger no_open_intent after insert on core.command referencing new table as added
  for each statement execute function money.expect_no_open_intent();

revoke execute on function money.record_intents, money.close_intents, money.read_intents,
  money.note_intent, money.claim_intent, money.withdraw_intent, money.replace_intents,
  money.due_intents, money.count_intents, money.expect_no_open_intent from public;
grant execute on function money.record_intents, money.close_intents, money.read_intents,
  money.note_intent, money.claim_intent, money.withdraw_intent, money.replace_intents,
  money.due_intents, money.count_intents to countersign_money;
grant select on money.core_intent to countersign_money, countersign_read, countersign_sim;

-- What people have accepted of what a core has warned of, for the command under a key.
create table register.core_acceptance (
  tenant_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  -- Ids of the core, sorted: all that were shown, and no other.
  overrides text[] not null,
  accepted_by text collate "C" not null,
  accepted_at timestamptz(3) not null,
  primary key (tenant_id, idempotency_key, overrides)
);
call core.isolate_tenants('register.core_acceptance');
grant select, insert on register.core_acceptance to countersign_policy;
grant select on register.core_acceptance to countersign_read;

-- Moves that people have ended, because the core knows nothing of them any more.
create table register.core_ending (
  tenant_id text collate "C" not null,
  command_id uuid not null,
  reason text not null,
  ended_by text collate "C" not null,
  ended_at timestamptz(3) not null,
  primary key (tenant_id, command_id)
);
call core.isolate_tenants('register.core_ending');
grant select, insert on register.core_ending to countersign_policy;
grant select on register.core_ending to countersign_read;
