// Are points conserved? Every programme against its accounts in the ledger, every member against
// his lots, and what accounts are for against what the log tells of it. For `countersign verify`.
import { externalId, type Finding, internalId, type JournalCheck, type VerifiedEvent } from '#core';
import type pg from 'pg';
import { pointsAccountRoles } from './accounts.ts';
import { lotProjection } from './projection.ts';

/** Findings of one kind that are named; where more are broken, the first tell enough. */
const findingsMax = 100;

/** By tenant, and `program customer`: how those stand of whom something was said. */
type Told = Map<string, Map<string, string>>;

export function checkPoints(): JournalCheck {
  const told: Told = new Map();
  return {
    begin: async () => undefined,
    async page(client, events) {
      const ours = events.filter(({ type }) => type.startsWith('loyalty.'));
      if (ours.length === 0) return [];
      for (const event of ours) tell(told, event);
      return [...(await checkAccounts(client, ours)), ...(await checkMembers(client, ours))];
    },
    async end(client) {
      const found: Finding[] = [...(await checkCounts(client))];
      found.push(...(await checkStandings(client, told)));
      for (const { what, sql, detail } of sweeps) {
        const { rows } = await client.query<Swept>(`${sql} limit ${findingsMax}`);
        for (const row of rows) found.push({ tenant: row.tenant_id, what, detail: detail(row) });
      }
      return found;
    },
  };
}

// Row by row --------------------------------------------------------------------------------------

type AccountTold = {
  readonly account_id: string;
  readonly role: string;
  readonly currency: string;
  readonly customer: string | null;
  readonly campaign: string | null;
};
type Payload = {
  readonly program: string;
  readonly customer: string;
  readonly standing: string;
  readonly accounts: readonly AccountTold[];
  readonly active_account_id: string;
  readonly pending_account_id: string;
};

function payloadOf({ body }: VerifiedEvent): Payload {
  return (body as { data: { payload: Payload } }).data.payload;
}

function tell(told: Told, event: VerifiedEvent): void {
  if (event.type !== 'loyalty.member_changed') return;
  const own = told.get(event.tenant) ?? new Map<string, string>();
  told.set(event.tenant, own);
  const { program, customer, standing } = payloadOf(event);
  own.set(`${program} ${customer}`, standing);
}

async function checkAccounts(
  client: pg.ClientBase,
  events: readonly VerifiedEvent[],
): Promise<Finding[]> {
  const opened = events.filter(({ type }) => type === 'loyalty.accounts_opened');
  const told = opened.flatMap((event) =>
    payloadOf(event).accounts.map((account) => ({ event, account })),
  );
  if (told.length === 0) return [];
  const { rows } = await client.query<{ row: string | null }>(
    `select case when a.account_id is null then null else
              concat_ws(' ', a.program, a.role, a.currency, coalesce(a.customer, '-'),
                coalesce(a.campaign, '-')) end as row
       from unnest($1::text[], $2::uuid[]) with ordinality as e(tenant, id, ordinal)
       left join loyalty.account a on a.tenant_id = e.tenant and a.account_id = e.id
      order by ordinal`,
    [
      told.map(({ event }) => event.tenant),
      told.map(({ account }) => internalId('account', account.account_id)),
    ],
  );
  return told.flatMap(({ event, account }, at) => {
    const { role, currency, customer, campaign } = account;
    const { program } = payloadOf(event);
    const expected = [program, role, currency, customer ?? '-', campaign ?? '-'].join(' ');
    const name = `what the account ${account.account_id} is for`;
    return flawOf(event, { name, expected, row: rows[at]?.row ?? null });
  });
}

async function checkMembers(
  client: pg.ClientBase,
  events: readonly VerifiedEvent[],
): Promise<Finding[]> {
  const enrolled = events.filter(({ type }) => type === 'loyalty.member_enrolled');
  if (enrolled.length === 0) return [];
  const payloads = enrolled.map(payloadOf);
  const { rows } = await client.query<{ row: string | null }>(
    `select m.active_account || ' ' || m.pending_account as row
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality
         as e(tenant, program, customer, ordinal)
       left join loyalty.member m on m.tenant_id = e.tenant and m.program = e.program
        and m.customer = e.customer
      order by ordinal`,
    [
      enrolled.map(({ tenant }) => tenant),
      payloads.map(({ program }) => program),
      payloads.map(({ customer }) => customer),
    ],
  );
  return enrolled.flatMap((event, at) => {
    const { program, customer, active_account_id, pending_account_id } = payloadOf(event);
    const ids = [active_account_id, pending_account_id].map((id) => internalId('account', id));
    const name = `the member ${customer} of ${program}`;
    return flawOf(event, { name, expected: ids.join(' '), row: rows[at]?.row ?? null });
  });
}

function flawOf(
  { tenant, id, position }: VerifiedEvent,
  { name, expected, row }: { name: string; expected: string; row: string | null },
): Finding[] {
  if (row === expected) return [];
  const where = { tenant, event: externalId('event', id), position };
  if (row === null)
    return [{ ...where, what: 'loyalty row deleted', detail: `${name} has no row` }];
  return [{ ...where, what: 'loyalty row edited', detail: `${name} differs from its event` }];
}

// In the end --------------------------------------------------------------------------------------

/** Rows that no event tells of, sealed or not: there are more of them than were told. */
async function checkCounts(client: pg.ClientBase): Promise<Finding[]> {
  const { rows } = await client.query<{ tenant: string; kind: string; more: string }>(
    `with kept as (
       select tenant_id, 'accounts' as kind, count(*) as n from loyalty.account group by 1
       union all select tenant_id, 'members', count(*) from loyalty.member group by 1),
     told as (
       select tenant_id, 'accounts' as kind,
              sum(json_array_length(body::json #> '{data,payload,accounts}')) as n
         from core.event where type = 'loyalty.accounts_opened' group by 1
       union all select tenant_id, 'members', count(*)
         from core.event where type = 'loyalty.member_enrolled' group by 1)
     select tenant_id as tenant, kind, (kept.n - coalesce(told.n, 0))::text as more
       from kept left join told using (tenant_id, kind) where kept.n > coalesce(told.n, 0)`,
  );
  return rows.map(({ tenant, kind, more }) => ({
    tenant,
    what: 'loyalty row added',
    detail: `${more} ${kind} that no event tells of`,
  }));
}

async function checkStandings(client: pg.ClientBase, told: Told): Promise<Finding[]> {
  const { rows } = await client.query<{ tenant: string; name: string; standing: string }>(
    `select m.tenant_id as tenant, m.program || ' ' || m.customer as name, m.standing
       from loyalty.member m left join unnest($1::text[], $2::text[]) as e(tenant, name)
         on e.tenant = m.tenant_id and e.name = m.program || ' ' || m.customer
      where m.standing <> 'good' or e.name is not null`,
    [
      [...told].flatMap(([tenant, own]) => [...own.keys()].map(() => tenant)),
      [...told].flatMap(([, own]) => [...own.keys()]),
    ],
  );
  const found: Finding[] = [];
  for (const { tenant, name, standing } of rows) {
    const isTold = (told.get(tenant)?.get(name) ?? 'good') === standing;
    // What is not sealed yet was told nevertheless.
    if (isTold || (await lastTold(client, tenant, name)) === standing) continue;
    const detail = `${name} is ${standing}, which no event says`;
    found.push({ tenant, what: 'loyalty row edited', detail });
    if (found.length === findingsMax) break;
  }
  return found;
}

async function lastTold(client: pg.ClientBase, tenant: string, name: string) {
  const [program, customer] = name.split(' ');
  const { rows } = await client.query<{ standing: string }>(
    `select body::json #>> '{data,payload,standing}' as standing from core.event
      where tenant_id = $1 and type = 'loyalty.member_changed'
        and body::json #>> '{data,payload,program}' = $2
        and body::json #>> '{data,payload,customer}' = $3
      order by seq desc limit 1`,
    [tenant, program, customer],
  );
  return rows[0]?.standing;
}

type Swept = {
  readonly tenant_id: string;
  readonly program: string;
  readonly customer?: string;
  readonly issued?: string;
  readonly there?: string;
};
type Sweep = {
  readonly what: Finding['what'];
  readonly sql: string;
  readonly detail: (row: Swept) => string;
};

const live = `coalesce((select generation from core.projection
  where name = '${lotProjection.name}'), 1)`;
const roles = pointsAccountRoles.map((role) => `'${role}'`).join(', ');
/** By the version at which the lots have seen an account: what came later is still on its way. */
const differs = (role: string, sum: string) => `(a_${role}.version < s.${role}_version or
  (a_${role}.version = s.${role}_version and ${sum} <> s.${role}))`;
const owing = (role: string) => `a_${role}.credits_posted - a_${role}.debits_posted`;

const sweeps: readonly Sweep[] = [
  {
    what: 'points not conserved',
    sql: `
      select tenant_id, program, issued::text, there::text from (
        select a.tenant_id, a.program,
               sum(case when a.role = 'issued' then m.debits_posted - m.credits_posted
                   else 0 end) as issued,
               sum(case when a.role = 'issued' then 0
                   else m.credits_posted - m.debits_posted end) as there
          from loyalty.account a
          join money.account m on m.tenant_id = a.tenant_id and m.id = a.account_id
         where a.role in (${roles}) group by 1, 2) p
       where issued <> there`,
    detail: ({ program, issued, there }) =>
      `${program}: ${issued} points were issued, and ${there} are accounted for`,
  },
  {
    what: 'points not conserved',
    sql: `
      select tenant_id, program, customer from loyalty.standing s
        left join (select tenant_id, program, customer, sum(active) as active,
                          sum(pending) as pending
                     from loyalty.lot where generation = ${live} group by 1, 2, 3) l
            using (tenant_id, program, customer)
       where s.generation = ${live}
         and (s.active, s.pending)
             is distinct from (coalesce(l.active, 0), coalesce(l.pending, 0))`,
    detail: ({ program, customer }) =>
      `${program}: the lots of ${customer} are not what the member holds`,
  },
  {
    what: 'points not conserved',
    sql: `
      select s.tenant_id, s.program, s.customer from loyalty.standing s
        join loyalty.member m using (tenant_id, program, customer)
        join money.account a_active
          on a_active.tenant_id = s.tenant_id and a_active.id = m.active_account
        join money.account a_pending
          on a_pending.tenant_id = s.tenant_id and a_pending.id = m.pending_account
        left join money.account a_owed
          on a_owed.tenant_id = s.tenant_id and a_owed.id = m.owed_account
       where s.generation = ${live}
         and (${differs('active', owing('active'))} or ${differs('pending', owing('pending'))}
           or ${differs('owed', `-(${owing('owed')})`)})`,
    detail: ({ program, customer }) =>
      `${program}: what ${customer} holds is not what stands in the ledger`,
  },
];
