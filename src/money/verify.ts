// Does the journal still say what the event log says? Every row against the event that describes
// it, and every account against the entries that make it.
import { externalId, type Finding, internalId, type JournalCheck, type VerifiedEvent } from '#core';
import type pg from 'pg';
import { bucketsPerWindow } from './counter.ts';
import { moneyEventPayloads } from './events.ts';

type Json = Record<string, unknown>;
type Found = Omit<Finding, 'what'> & { what: Extract<Finding['what'], `journal ${string}`> };

/** Findings of one kind that are named; where more are broken, the first tell enough. */
const findingsMax = 100;

export function checkJournal(): JournalCheck {
  return {
    begin: async () => undefined,
    async page(client, events) {
      return [...(await checkTransfers(client, events)), ...(await checkAccounts(client, events))];
    },
    async end(client) {
      const found: Found[] = [];
      for (const { what, sql, tell } of sweeps) {
        const { rows } = await client.query<Row>(`${sql} limit ${findingsMax}`);
        for (const row of rows) found.push({ tenant: row.tenant_id, what, detail: tell(row) });
      }
      return [...found, ...(await checkCount(client))];
    },
  };
}

// Row by row --------------------------------------------------------------------------------------

const transferTypes = new Set(
  Object.keys(moneyEventPayloads).filter((type) => /^(transaction|hold)\./.test(type)),
);

/** Others tell of accounts, too: whose they are is the register's to say. */
const accountTypes = new Set(
  Object.keys(moneyEventPayloads).filter((type) => type.startsWith('account.')),
);

/** Both sides as the same flat JSON of internal ids and texts, compared field by field. */
async function checkTransfers(
  client: pg.ClientBase,
  all: readonly VerifiedEvent[],
): Promise<Found[]> {
  const events = all.filter(({ type }) => transferTypes.has(type));
  if (events.length === 0) return [];
  const ids = events.map(({ body }) => uuidOf('transfer', payloadOf(body)['transfer_id']));
  const { rows } = await client.query<{ row: Json | null }>(
    `select case when x.id is null then null else jsonb_build_object(
         'kind', x.kind, 'command_id', x.command_id, 'leg', x.leg,
         'debit_account_id', x.debit_account_id, 'credit_account_id', x.credit_account_id,
         'debit_version', x.debit_version, 'credit_version', x.credit_version,
         'amount', x.amount, 'released', x.released, 'currency', x.currency,
         'hold_id', x.hold_id, 'reverses_id', x.reverses_id,
         'effective_at', ${instantSql('x.effective_at')},
         'recorded_at', ${instantSql('x.recorded_at')}, 'metadata', x.metadata) end as row
       from unnest($1::text[], $2::uuid[]) with ordinality as e(tenant, id, ordinal)
       left join money.transfer x on x.tenant_id = e.tenant and x.id = e.id
      order by ordinal`,
    [events.map(({ tenant }) => tenant), ids],
  );
  return events.flatMap((event, index) => {
    const expected = transferOf(event.body);
    return compare(event, `transfer ${String(payloadOf(event.body)['transfer_id'])}`, {
      expected,
      row: rows[index]?.row ?? null,
    });
  });
}

function transferOf(body: unknown): Json {
  const data = dataOf(body);
  const payload = payloadOf(body);
  return {
    kind: payload['kind'],
    command_id: uuidOf('command', payload['command_id']),
    leg: payload['leg'],
    debit_account_id: uuidOf('account', payload['debit_account_id']),
    credit_account_id: uuidOf('account', payload['credit_account_id']),
    debit_version: payload['debit_version'],
    credit_version: payload['credit_version'],
    amount: data['amount'],
    released: payload['released'],
    currency: data['currency'],
    hold_id: uuidOf('hold', payload['hold_id']),
    reverses_id: uuidOf('transfer', payload['reverses_id']),
    effective_at: payload['effective_at'],
    recorded_at: payload['recorded_at'],
    metadata: payload['metadata'],
  };
}

async function checkAccounts(
  client: pg.ClientBase,
  all: readonly VerifiedEvent[],
): Promise<Found[]> {
  const events = all.filter(({ type }) => accountTypes.has(type));
  if (events.length === 0) return [];
  const { rows } = await client.query<{ row: Json | null }>(
    `select case when a.id is null or t.account_id is null then null else jsonb_build_object(
         'currency', a.currency, 'type', a.type, 'holder_id', a.holder_id,
         'metadata', a.metadata, 'status', t.status, 'bound', t.bound,
         'credit_limit', t.credit_limit) end as row
       from unnest($1::text[], $2::uuid[], $3::timestamptz[]) with ordinality
         as e(tenant, id, recorded, ordinal)
       left join money.account a on a.tenant_id = e.tenant and a.id = e.id
       left join money.account_terms t on t.tenant_id = e.tenant and t.account_id = e.id
        and t.recorded_at = e.recorded
      order by ordinal`,
    [
      events.map(({ tenant }) => tenant),
      events.map(({ body }) => uuidOf('account', dataOf(body)['account_id'])),
      events.map(({ body }) => payloadOf(body)['recorded_at']),
    ],
  );
  return events.flatMap((event, index) => {
    const data = dataOf(event.body);
    const { recorded_at: _at, ...payload } = payloadOf(event.body);
    return compare(event, `account ${String(data['account_id'])}`, {
      expected: { ...payload, currency: data['currency'] },
      row: rows[index]?.row ?? null,
    });
  });
}

/** Fields that the event does not name are not compared. */
function compare(
  { tenant, id, position }: VerifiedEvent,
  name: string,
  { expected, row }: { expected: Json; row: Json | null },
): Found[] {
  const where = { tenant, event: externalId('event', id), position };
  if (row === null) {
    return [{ ...where, what: 'journal row deleted', detail: `${name} has no row` }];
  }
  const fields = Object.keys(expected).filter((field) => !isSame(expected[field], row[field]));
  if (fields.length === 0) return [];
  const verb = fields.length === 1 ? 'differs' : 'differ';
  const detail = `${name}: ${fields.join(', ')} ${verb} from its event`;
  return [{ ...where, what: 'journal row edited', detail }];
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === null || typeof one !== 'object') return one === other;
  if (other === null || typeof other !== 'object') return false;
  const [a, b] = [one as Json, other as Json];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((field) => a[field] === b[field]);
}

function dataOf(body: unknown): Json {
  return (body as { data: Json }).data;
}

function payloadOf(body: unknown): Json {
  return dataOf(body)['payload'] as Json;
}

function uuidOf(kind: Parameters<typeof internalId>[0], id: unknown): string | null {
  return typeof id === 'string' ? (internalId(kind, id) ?? null) : null;
}

function instantSql(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

// All at once -------------------------------------------------------------------------------------

type Row = { tenant_id: string; id: string; version: string };
type Sweep = {
  readonly what: Found['what'];
  /** Selects tenant_id, id and version of what is broken. */
  readonly sql: string;
  readonly tell: (row: Row) => string;
};

const posted = `kind in ('post', 'reverse', 'capture')`;
const opening = `kind in ('hold', 'increase')`;

/**
 * What no single event says: that entries add up, that the state is what they add up to, and that
 * nothing has moved but what the decision on its command lets move.
 */
const sweeps: readonly Sweep[] = [
  {
    // As `legsUnder` has it, leg by leg. The reversal of a hold is recorded as what it is: a void.
    what: 'journal row not allowed',
    sql: `
      with decided as (
        select tenant_id, id, decision::json ->> 'outcome' as outcome, body::json -> 'legs' as legs,
               coalesce(json_array_length(body::json -> 'held'), 0) as held
          from core.command
         where outcome::json ->> 'status' = 'accepted'
           and (decision::json ->> 'outcome' in ('allow', 'deny')
             or body::json -> 'reserves' is not null)),
      allowed as (
        select tenant_id, id, leg, 'void' as kind
          from decided cross join lateral generate_series(0, held - 1) as leg
        union all
        select tenant_id, id, held + nth - 1,
               case outcome when 'allow' then leg ->> 'kind' else 'hold' end
          from decided cross join lateral json_array_elements(legs) with ordinality as l(leg, nth)
         where outcome <> 'deny')
      select x.tenant_id, x.id, 0 as version from money.transfer x
        left join allowed a on a.tenant_id = x.tenant_id and a.id = x.command_id and a.leg = x.leg
       where a.kind is distinct from x.kind
         and not (x.kind = 'void' and coalesce(a.kind = 'reverse', false))`,
    tell: ({ id }) =>
      `transfer ${externalId('transfer', id)} is not what the decision on its command allows`,
  },
  {
    what: 'journal row edited',
    sql: `
      select tenant_id, account_id as id, version from (
        select tenant_id, account_id, version, sums,
          lag(version, 1, 0::bigint) over account as before,
          sum(case when side = 'debit' and ${posted} then amount else 0 end) over account as dp,
          sum(case when side = 'credit' and ${posted} then amount else 0 end) over account as cp,
          sum(case when side = 'debit' then change else 0 end) over account as dn,
          sum(case when side = 'credit' then change else 0 end) over account as cn
        from (select *, case when ${opening} then amount when hold_id is null then 0
                        when kind in ('post', 'reverse') then 0
                        else -(amount + released) end as change from money.entry) entry
        window account as (partition by tenant_id, account_id order by version)) running
      where version <> before + 1 or sums <> array[dp, cp, dn, cn]::bigint[]`,
    tell: ({ id, version }) =>
      `entry ${version} of account ${id} does not follow from those before`,
  },
  {
    what: 'journal row edited',
    sql: `
      select a.tenant_id, a.id, a.version from money.account a
        left join money.entry e on e.tenant_id = a.tenant_id and e.account_id = a.id
         and e.version = a.version
       where array[a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending]
             <> coalesce(e.sums, array[0, 0, 0, 0]::bigint[])
          or (e.version is null and a.version <> 0)
          or exists (select from money.entry later where later.tenant_id = a.tenant_id
               and later.account_id = a.id and later.version = a.version + 1)`,
    tell: ({ id }) => `the sums of account ${id} are not those of its last entry`,
  },
  {
    what: 'journal row edited',
    sql: `
      select a.tenant_id, a.id, a.version from money.account a
        cross join lateral (select status, bound, credit_limit from money.account_terms t
          where t.tenant_id = a.tenant_id and t.account_id = a.id
          order by t.recorded_at desc limit 1) last
       where (a.status, a.bound, a.credit_limit)
             is distinct from (last.status, last.bound, last.credit_limit)`,
    tell: ({ id }) => `status or bound of account ${id} are not those of its last change`,
  },
  {
    what: 'journal row edited',
    sql: `
      select h.tenant_id, h.id, 0 as version from money.hold h
        left join (select tenant_id, hold_id,
            sum(amount) filter (where ${opening}) as amount,
            coalesce(sum(amount) filter (where kind = 'capture'), 0) as captured,
            coalesce(sum(case when kind = 'capture' then released else amount end)
              filter (where kind in ('capture', 'void', 'expire')), 0) as released
            from money.transfer where hold_id is not null group by 1, 2) t
          on t.tenant_id = h.tenant_id and t.hold_id = h.id
        left join (select c.tenant_id, c.hold_id, sum(r.amount) as reversed
            from money.transfer c
            join money.transfer r on r.tenant_id = c.tenant_id and r.reverses_id = c.id
           where c.hold_id is not null group by 1, 2) b
          on b.tenant_id = h.tenant_id and b.hold_id = h.id
       where (h.amount, h.captured, h.released, h.reversed)
             is distinct from (t.amount, t.captured, t.released, coalesce(b.reversed, 0))`,
    tell: ({ id }) => `the amounts of hold ${id} are not those of its journal rows`,
  },
  {
    what: 'journal row edited',
    sql: `
      with counter as (
        select tenant_id, home, name, counter, (counter ->> 0)::bigint as head,
               substring(name from '^([0-9]+)s ')::numeric as seconds
          from (select tenant_id, ('account ' || id) collate "C" as home, counters::json
                  from money.account
                union all
                select tenant_id, 'key ' || key, counters::json from money.counter) h
          cross join lateral json_each(counters) as c(name, counter)),
      counted as (
        select tenant_id, home, name, head - at + 2 as bucket, used::bigint
          from counter cross join lateral json_array_elements_text(counter)
            with ordinality as bucket(used, at) where at > 1),
      taken as (
        select tenant_id, coalesce('account ' || t.account, 'key ' || t.key) collate "C" as home,
               t.counter as name, t.bucket, sum(t.amount) as used
          from (select tenant_id, taken::json from money.transfer
                union all
                select tenant_id, outcome::json -> 'taken' from core.command
                 where operation = 'tool.call') s
          cross join lateral json_to_recordset(s.taken)
            as t(account uuid, key text, counter text, bucket bigint, amount bigint)
         group by 1, 2, 3, 4)
      select distinct tenant_id, home || ', ' || name as id, 0 as version
        from taken full join counted using (tenant_id, home, name, bucket)
        left join counter using (tenant_id, home, name)
       where coalesce(taken.used, 0) <> coalesce(counted.used, 0)
         and (head is null or bucket > head
           - coalesce(ceil(seconds / greatest(1, ceil(seconds / ${bucketsPerWindow}))) + 1, 1))`,
    tell: ({ id }) => `counter ${id} of a limit is not what was taken from it`,
  },
];

/** A row that no event describes was not posted by us. */
async function checkCount(client: pg.ClientBase): Promise<Found[]> {
  const { rows } = await client.query<{ tenant_id: string; rows: string; events: string }>(
    `with rows as (select tenant_id, count(*) as n from money.transfer group by 1),
          events as (select tenant_id, count(*) as n from core.event
            where type = any($1) group by 1)
     select tenant_id, coalesce(rows.n, 0) as rows, coalesce(events.n, 0) as events
       from rows full join events using (tenant_id)
      where coalesce(rows.n, 0) > coalesce(events.n, 0)`,
    [[...transferTypes]],
  );
  const found: Found[] = [];
  for (const { tenant_id: tenant } of rows) {
    for (const id of await undescribed(client, tenant)) {
      const detail = `transfer ${id} is described by no event`;
      found.push({ tenant, what: 'journal row added', detail });
    }
  }
  return found;
}

/** The transfers of a tenant that none of its events name: read only when there are too many. */
async function undescribed(client: pg.ClientBase, tenant: string): Promise<string[]> {
  const { rows: named } = await client.query<{ id: string }>(
    `select body::jsonb #>> '{data,payload,transfer_id}' as id from core.event
      where tenant_id = $1 and type = any($2)`,
    [tenant, [...transferTypes]],
  );
  const known = new Set(named.map(({ id }) => uuidOf('transfer', id)));
  const { rows } = await client.query<{ id: string }>(
    'select id from money.transfer where tenant_id = $1 order by id',
    [tenant],
  );
  const unknown = rows.map(({ id }) => id).filter((id) => !known.has(id));
  return unknown.slice(0, findingsMax);
}
