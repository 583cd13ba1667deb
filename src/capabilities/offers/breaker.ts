// The circuit breaker: offers that stop by themselves when something goes wrong, of one action or
// all, and go on only when a person says so. What the bank has to tell goes on.
import {
  closed,
  type Command,
  derivedUuid,
  Fault,
  instantToText,
  type Json,
  nullable,
  plainText,
  principalText,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { actionParts } from './action.ts';

export const breakerReasons = [
  'complaints',
  'core_errors',
  'drift',
  'fairness',
  'by_hand',
] as const;
export type BreakerReason = (typeof breakerReasons)[number];

/** In the place of an action: all of them. */
export const allActions = '*';

const scope = Type.Union([actionParts.actionCode, Type.Literal(allActions)], {
  description: 'An action, or `*` for all.',
});
const note = plainText({ minLength: 1, maxLength: 500 });
const figures = Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()]));

export const breakerBodies = {
  open: Type.Object({ scope, note }, closed),
  reset: Type.Object({ scope, note }, closed),
};

/** As the system opens it: with what it has counted. */
export type OpenBody = {
  readonly scope: string;
  readonly reason: BreakerReason;
  readonly figures: Readonly<Record<string, number | string>>;
  readonly note?: string;
};

const told = {
  scope: Type.String(),
  by: Type.String(),
  note: nullable(Type.String()),
};
export const breakerPayloads = {
  'offers.breaker_opened': Type.Object({
    ...told,
    reason: Type.Enum([...breakerReasons]),
    figures,
  }),
  'offers.breaker_closed': Type.Object(told),
};

export const breakerOperations: PolicyOperations = {
  'offers.breaker.open': { changesRights: true, perform: open },
  'offers.breaker.reset': { changesRights: true, perform: reset },
};

async function open(tx: pg.ClientBase, command: Command) {
  const { principal, tenant, receivedAt, id } = command;
  const body = command.body as OpenBody;
  if (principal.kind === 'agent') throw new Fault('denied', 'an agent stops no offers');
  // What was counted is the system's to say, and nobody else's.
  const isByHand = principal.kind !== 'service' || principal.id !== 'offers';
  const reason = isByHand ? 'by_hand' : body.reason;
  const found = isByHand ? {} : body.figures;
  await checkScope(tx, body.scope);
  const breaker = derivedUuid(id, 'offers breaker', 0);
  const by = principalText(principal);
  const { rowCount } = await tx.query(
    `insert into offers.breaker (tenant_id, id, scope, reason, figures, opened_by, opened_at, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (tenant_id, scope) where closed_at is null do nothing`,
    [
      ...[tenant, breaker, body.scope, reason, JSON.stringify(found), by],
      ...[instantToText(receivedAt), body.note ?? null],
    ],
  );
  if (rowCount === 0) throw new Fault('conflict', `the breaker of ${body.scope} is open already`);
  const payload = { ...toldOf(body, by), reason, figures: found };
  return [policyEvent(command, 'offers.breaker_opened', payload)];
}

/** Who stops one in a hurry must not believe so because of a slip of the pen. */
async function checkScope(tx: pg.ClientBase, scope: string): Promise<void> {
  if (scope === allActions) return;
  const sql = 'select from offers.action where code = $1 limit 1';
  if ((await tx.query(sql, [scope])).rowCount === 1) return;
  throw new Fault('not_found', `there is no action ${scope}: name one, or ${allActions}`);
}

/** A machine that may close what it has opened would have opened nothing. */
async function reset(tx: pg.ClientBase, command: Command) {
  const { principal, tenant, receivedAt } = command;
  const body = command.body as { readonly scope: string; readonly note: string };
  if (principal.kind !== 'user') throw new Fault('denied', 'only a person closes a breaker');
  const by = principalText(principal);
  const { rowCount } = await tx.query(
    `update offers.breaker set closed_by = $3, closed_at = $4, note = $5
      where tenant_id = $1 and scope = $2 and closed_at is null`,
    [tenant, body.scope, by, instantToText(receivedAt), body.note],
  );
  if (rowCount === 0) throw new Fault('conflict', `no breaker of ${body.scope} is open`);
  return [policyEvent(command, 'offers.breaker_closed', toldOf(body, by))];
}

function toldOf({ scope: of, note: said }: { scope: string; note?: string }, by: string) {
  return { scope: of, by, note: said ?? null };
}

// Reading -----------------------------------------------------------------------------------------

/** The scopes that are stopped at present, as SQL: one array of text. */
export const openScopesSql = `coalesce((select array_agg(scope order by scope) from offers.breaker
  where tenant_id = core.current_tenant() and closed_at is null), '{}')`;

export async function readOpenScopes(tx: pg.ClientBase): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ scopes: string[] }>(`select ${openScopesSql} as scopes`);
  return new Set(rows[0]?.scopes);
}

export function isStopped(scopes: ReadonlySet<string>, action: string): boolean {
  return scopes.has(allActions) || scopes.has(action);
}

/** With any breaker open nothing is tried on anybody. */
export function isFrozen(scopes: ReadonlySet<string>): boolean {
  return scopes.size > 0;
}

export type BreakerView = {
  readonly scope: string;
  readonly reason: BreakerReason;
  readonly figures: Json;
  readonly opened_by: string;
  readonly opened_at: string;
  readonly closed_by: string | null;
  readonly closed_at: string | null;
  readonly note: string | null;
};

const shownMax = 50;

/** Those that are open first, then the last ones that were. */
export async function listBreakers(tx: pg.ClientBase): Promise<readonly BreakerView[]> {
  const { rows } = await tx.query(
    `select scope, reason, figures, opened_by, opened_at, closed_by, closed_at, note
       from offers.breaker where tenant_id = core.current_tenant()
      order by closed_at is not null, opened_at desc, id limit ${shownMax}`,
  );
  return rows.map(({ opened_at, closed_at, ...row }) => ({
    ...row,
    opened_at: (opened_at as Date).toISOString(),
    closed_at: (closed_at as Date | null)?.toISOString() ?? null,
  })) as BreakerView[];
}
