// Differences between the mirror and the core's book: kept from when they are found until the books
// agree, each told at both ends.
import {
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  instantToText,
  internalId,
  nullable,
  type Page,
  pageOf,
  type Tx,
  type Uuid,
} from '#core';
import { moneySchemas } from '#money';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

/**
 * `balance`: the booked balances are not the same. `missing`: the core has the account no more.
 * `not_mirrored`: something that the core has told could not be written into the mirror.
 */
export const differenceKinds = ['balance', 'missing', 'not_mirrored'] as const;

export type DifferenceBody = {
  readonly core: string;
  readonly kind: (typeof differenceKinds)[number];
  /** The core's account, or what else its event is about. */
  readonly core_id: string;
  readonly account_id: string | null;
  readonly currency: string | null;
  /** Minor units, above zero for what is owed to the holder. */
  readonly ours: number | null;
  readonly theirs: number | null;
  readonly core_event: string | null;
  readonly reason: string | null;
};

const figure = nullable(Type.Integer());
const view = Type.Object({
  difference_id: Type.String({ pattern: '^dif_[0-9a-hjkmnp-tv-z]{26}$' }),
  core: Type.String(),
  kind: Type.Enum([...differenceKinds]),
  core_id: Type.String(),
  account_id: nullable(moneySchemas.accountId),
  currency: nullable(Type.String()),
  ours: { ...figure, description: 'Minor units, above zero for what is owed to the holder.' },
  theirs: figure,
  core_event: nullable(Type.String()),
  reason: nullable(Type.String()),
  found_at: moneySchemas.instant,
  ended_at: nullable(moneySchemas.instant),
});
export const differenceView = view;
export type Difference = DifferenceBody & {
  readonly difference_id: string;
  readonly found_at: string;
  readonly ended_at: string | null;
};

export const differencePayloads = {
  'core.difference_found': Type.Omit(view, ['ended_at']),
  'core.difference_ended': view,
};

export const differenceOperations: PolicyOperations = {
  'core.differ': { changesRights: false, perform: differ },
  'core.agree': { changesRights: false, perform: agree },
};

/** What is known as open already is not told again. */
async function differ(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as DifferenceBody;
  const { core, kind, core_id, account_id, currency, ours, theirs, core_event, reason } = body;
  const id = derivedUuid(command.id, 'difference', 0);
  const { rowCount } = await tx.query(
    `insert into register.core_difference (tenant_id, id, core, kind, core_id, account_id,
       currency, ours, theirs, core_event, reason, found_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (tenant_id, core, core_id, kind, core_event) where ended_at is null do nothing`,
    [
      ...[command.tenant, id, core, kind, core_id, account_id, currency, ours, theirs],
      ...[core_event ?? '', reason, instantToText(command.receivedAt)],
    ],
  );
  if (rowCount === 0) return [];
  const found_at = instantToText(command.receivedAt);
  const told = { difference_id: externalId('difference', id), ...body, found_at };
  return [{ ...policyEvent(command, 'core.difference_found', told), accountId: account_id }];
}

/** Everything that was open about it is over. */
async function agree(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { core, core_id } = command.body as Pick<DifferenceBody, 'core' | 'core_id'>;
  const { rows } = await tx.query<Row>(
    `update register.core_difference set ended_at = $4
      where tenant_id = $1 and core = $2 and core_id = $3 and ended_at is null
      returning ${columns}`,
    [command.tenant, core, core_id, instantToText(command.receivedAt)],
  );
  const ended = rows.sort((one, other) => (one.id < other.id ? -1 : 1)).map(differenceIn);
  return ended.map((told) => ({
    ...policyEvent(command, 'core.difference_ended', told),
    accountId: told.account_id,
  }));
}

// Reading -----------------------------------------------------------------------------------------

const columns = `id, core, kind, core_id, account_id, currency, ours::float8 as ours,
  theirs::float8 as theirs, nullif(core_event, '') as core_event, reason, found_at, ended_at`;

type Row = DifferenceBody & {
  readonly id: Uuid;
  readonly found_at: Date;
  readonly ended_at: Date | null;
};

function differenceIn({ id, found_at, ended_at, ...row }: Row): Difference {
  return {
    difference_id: externalId('difference', id),
    ...row,
    ...{ found_at: found_at.toISOString(), ended_at: ended_at?.toISOString() ?? null },
  };
}

export type DifferenceQuery = {
  readonly open?: boolean | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
};

/** The newest first: all of them, or those that are open, or over. */
export async function listDifferences(
  tx: Tx,
  { open, limit, after }: DifferenceQuery,
): Promise<Page<Difference>> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from register.core_difference
      where tenant_id = core.current_tenant() and ($1::boolean is null or (ended_at is null) = $1)
        and ($2::uuid is null or id < $2)
      order by id desc limit $3`,
    [open ?? null, (after && internalId('difference', after)) ?? null, limit + 1],
  );
  return pageOf(rows.map(differenceIn), limit, ({ difference_id }) => difference_id);
}

/** How many are open, by kind. */
export async function countDifferences(
  tx: Tx,
  core: string,
): Promise<Readonly<Record<string, number>>> {
  const { rows } = await tx.query<{ kind: string; count: number }>(
    `select kind, count(*)::int as count from register.core_difference
      where tenant_id = core.current_tenant() and core = $1 and ended_at is null group by kind`,
    [core],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** What is open about these things of the core, by kind. */
export async function openKinds(
  tx: Tx,
  core: string,
  coreIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await tx.query<{ core_id: string; kinds: string[] }>(
    `select core_id, array_agg(kind) as kinds from register.core_difference
      where tenant_id = core.current_tenant() and core = $1 and core_id = any ($2)
        and ended_at is null
      group by core_id`,
    [core, coreIds],
  );
  return new Map(rows.map(({ core_id, kinds }) => [core_id, kinds]));
}
