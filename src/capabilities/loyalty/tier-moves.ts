// Tiers as they are held: set by the system alone, up as soon as enough was earned, down when a
// period has ended; looked up by whoever prices or earns by tier.
import {
  type Clock,
  type Command,
  consumePage,
  type Consumer,
  type ConsumerOptions,
  dueRounds,
  Fault,
  foldedPosition,
  generationSql,
  type Instant,
  instantToText,
  type Json,
  type SealedEvent,
  withTx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { look, onlySystem, type SystemParts, systemOf } from './accounts.ts';
import { readMember } from './members.ts';
import type { Program } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';
import { lotProjection } from './projection.ts';
import {
  currentSpan,
  endedSpan,
  type Held,
  nextTier,
  type Span,
  tierOf,
  type TierTerms,
} from './tiers.ts';

export type TierParts = SystemParts & { readonly clock: Clock };

const duePage = 20;
/** What was earned just before a period ended is on its way to the lots for a moment. */
const settleMs = 60_000;
const pageMax = 1_000;

const told = {
  program: Type.String(),
  customer: Type.String(),
  tier: Type.String(),
  before: Type.Union([Type.String(), Type.Null()]),
  until: Type.String({ description: 'When it is looked at again.' }),
  counted: Type.Integer({ description: 'What counted: points, or minor units of spending.' }),
  change: Type.Integer({ description: 'The number of the change, of this member.' }),
};
export const tierPayloads = {
  'loyalty.tier_changed': Type.Object({
    ...told,
    direction: Type.Enum(['upgraded', 'downgraded']),
  }),
  'loyalty.tier_kept': Type.Object(told),
};

export const tierOperations: PolicyOperations = {
  'loyalty.tier.set': { changesRights: false, perform: setTier },
};

type SetBody = {
  readonly program: string;
  readonly customer: string;
  readonly tier: string;
  readonly until: string;
  readonly direction: 'upgraded' | 'downgraded' | 'kept';
  readonly counted: number;
  /** The number of the change that this one follows; 0 for the first. */
  readonly after: number;
};

/** One after the other: who has decided on what is not so any more decides anew. */
async function setTier(tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const { program, customer, tier, until, direction, counted, after } = command.body as SetBody;
  const found = await findTier(tx, { program, customer }, 'for update');
  if ((found?.changes ?? 0) !== after) throw new Fault('conflict', 'the tier was set meanwhile');
  const at = instantToText(command.receivedAt);
  const since = found && found.tier === tier ? found.since.toISOString() : at;
  await tx.query(
    `insert into loyalty.tier (tenant_id, program, customer, tier, since, until, changes)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant_id, program, customer) do update
       set tier = excluded.tier, since = excluded.since, until = excluded.until,
           changes = excluded.changes`,
    [command.tenant, program, customer, tier, since, until, after + 1],
  );
  const said = { program, customer, tier, before: found?.tier ?? null, until, counted };
  const change = after + 1;
  return direction === 'kept'
    ? [policyEvent(command, 'loyalty.tier_kept', { ...said, change })]
    : [policyEvent(command, 'loyalty.tier_changed', { ...said, direction, change })];
}

// Up at once --------------------------------------------------------------------------------------

/**
 * Follows what is earned as far as the lots have: what counts is counted by them, and they follow
 * the same events. Answers what applies a page and says how many events it had.
 */
export function tierFollower(
  parts: TierParts,
  rows?: ConsumerOptions['sealed']['rows'],
): () => Promise<number> {
  const consumer = tierConsumer(parts);
  const pool = parts.database.pool('app');
  return async () => {
    const { position, folded, sealed } = await withTx(pool, async (tx) => {
      const { rows } = await tx.query<{ position: bigint; sealed: bigint }>(
        `select core.sealed_position() as sealed,
                coalesce((select position from core.consumer where name = $1), 0) as position`,
        [consumer.name],
      );
      const folded = await foldedPosition(tx, lotProjection);
      return { position: rows[0]?.position ?? 0n, sealed: rows[0]?.sealed ?? 0n, folded };
    });
    // Positions are dense: so many events stand between the two.
    const size = Math.min(pageMax, Number(folded - position));
    if (size > 0) return consumePage(consumer, pool, { pageSize: size, rows });
    return sealed > position ? 1 : 0;
  };
}

/** Looks at whoever has earned. All that it is told of stands in the lots by then. */
function tierConsumer(parts: TierParts): Consumer {
  return {
    name: 'loyalty-tiers',
    types: ['transaction.posted'],
    async apply(_tx, events) {
      const earned = events.flatMap(memberIn);
      const byProgram = Map.groupBy(earned, ({ tenant, program }) => `${tenant} ${program}`);
      for (const own of byProgram.values()) {
        for (const customer of await risen(parts, own)) {
          await lookAt(parts, { ...(own[0] as Of), customer });
        }
      }
    },
  };
}

type Of = { readonly tenant: string; readonly program: string; readonly customer: string };

/** Whom points were given. Who has named a programme elsewhere gets nothing by it: lots decide. */
function memberIn({ tenant, body }: SealedEvent): Of[] {
  const { data } = JSON.parse(body) as {
    data: { payload: { metadata: Readonly<Record<string, string>> | null } };
  };
  const { program, member: customer, entry = '' } = data.payload.metadata ?? {};
  const gives = ['earn', 'award', 'adjust'].includes(entry);
  return gives && program && customer ? [{ tenant, program, customer }] : [];
}

/** Of all who have earned the few who have reached another tier by it. */
async function risen(parts: TierParts, earned: readonly Of[]): Promise<readonly string[]> {
  const now = parts.clock.now();
  const { tenant, program } = earned[0] as Of;
  const customers = [...new Set(earned.map(({ customer }) => customer))];
  return look(parts, tenant, async (tx) => {
    const tiered = tieredOf(await readProgramInForce(tx, program, now));
    if (!tiered) return [];
    const counted = await countedIn(tx, tiered, customers, currentSpan(tiered, now));
    const held = await heldTiers(tx, program, customers);
    return customers.filter((customer) => {
      const tier = held.get(customer) ?? tiered.tiers.levels[0]?.id ?? '';
      const next = nextTier(tiered.tiers, { tier, current: counted.get(customer) ?? 0 });
      return next?.missing === 0;
    });
  });
}

/** Answers whether nothing is left to do. */
async function lookAt(parts: TierParts, { tenant, program, customer }: Of): Promise<boolean> {
  const now = parts.clock.now();
  const seen = await look(parts, tenant, async (tx) => {
    const ruled = await readProgramInForce(tx, program, now);
    const member = ruled?.tiers ? await readMember(tx, program, customer) : undefined;
    if (!ruled || !member || member.standing === 'closed') return undefined;
    const tiered = tieredOf(ruled);
    if (!tiered) return undefined;
    const found = await findTier(tx, { program, customer });
    const held = found && { tier: found.tier, until: found.until.getTime() };
    const done = await doneBy(tx, tiered, { customer, now, held: held ?? null });
    return { tiered, found, held: held ?? null, done };
  });
  if (!seen) return true;
  const next = tierOf(seen.tiered, seen.done, now, seen.held);
  if (next.change === 'none') return true;
  const { current, ended } = seen.done;
  const after = seen.found?.changes ?? 0;
  const body: SetBody = {
    ...{ program, customer, tier: next.tier, until: instantToText(next.until) },
    ...{ direction: next.change, after },
    counted: next.change === 'upgraded' ? current : ended,
  };
  return setBySystem(parts, tenant, body);
}

async function setBySystem(
  { execute }: TierParts,
  tenant: string,
  body: SetBody,
): Promise<boolean> {
  const { program, customer, after } = body;
  try {
    const { outcome } = await execute({
      ...{ principal: systemOf(tenant), operation: 'loyalty.tier.set' },
      idempotencyKey: `tier ${program} ${customer} ${after + 1}`,
      body: body as unknown as Json,
    });
    return outcome.status === 'accepted';
  } catch (error) {
    // Another process was faster; what has changed since comes with an event of its own.
    const isDone = error instanceof Fault && doneCodes.includes(error.code);
    if (isDone) return true;
    throw error;
  }
}

const doneCodes: readonly string[] = ['conflict', 'idempotency_key_reused'];

// Down at the end of a period ---------------------------------------------------------------------

type DueTier = Of & { readonly id: string; readonly until: Date };

/** Looks at the tiers whose period is over; answers what does one round of it. */
export function tierClock(
  parts: TierParts,
  { onError }: { readonly onError: (error: unknown) => void },
): () => Promise<number> {
  const now = () => parts.clock.now();
  return dueRounds<DueTier>({
    ...{ now, onError, pageSize: duePage },
    async readPage(after) {
      const { rows } = await parts.database.pool('app').query<DueTier>(
        `select tenant_id as tenant, program, customer, until, program || ' ' || customer as id
           from loyalty.tier
          where until <= $1 and ($2::timestamptz is null
            or (until, tenant_id, program, customer) > ($2, $3, $4, $5))
          order by until, tenant_id, program, customer limit ${duePage}`,
        [
          instantToText(now() - settleMs),
          ...[after?.until ?? null, after?.tenant, after?.program, after?.customer],
        ],
      );
      return rows;
    },
    perform: (due) => lookAt(parts, due),
  });
}

// Reading -----------------------------------------------------------------------------------------

type Tiered = Program & { readonly tiers: TierTerms };

function tieredOf(program: Program | undefined): Tiered | undefined {
  return program?.tiers ? { ...program, tiers: program.tiers } : undefined;
}

export type TierRow = {
  readonly tier: string;
  readonly since: Date;
  readonly until: Date;
  readonly changes: number;
};

type Named = { readonly program: string; readonly customer: string };

export async function findTier(
  tx: pg.ClientBase,
  { program, customer }: Named,
  locking: '' | 'for update' = '',
): Promise<TierRow | undefined> {
  const { rows } = await tx.query<TierRow>(
    `select tier, since, until, changes from loyalty.tier
      where tenant_id = core.current_tenant() and program = $1 and customer = $2 ${locking}`,
    [program, customer],
  );
  return rows[0];
}

/** The tier that counts for prices and earnings; null where the programme has none. */
export async function heldTier(
  tx: pg.ClientBase,
  ruled: Program,
  customer: string,
): Promise<string | null> {
  const levels = ruled.tiers?.levels ?? [];
  const found = await findTier(tx, { program: ruled.name, customer });
  const isKnown = levels.some(({ id }) => id === found?.tier);
  return (isKnown ? found?.tier : levels[0]?.id) ?? null;
}

/** What a member has done towards a tier, in the current period and in the one that has ended. */
export async function doneBy(
  tx: pg.ClientBase,
  tiered: Tiered,
  of: { readonly customer: string; readonly now: Instant; readonly held: Held | null },
): Promise<{ readonly current: number; readonly ended: number }> {
  const { customer, now, held } = of;
  const within = async (span: Span) =>
    (await countedIn(tx, tiered, [customer], span)).get(customer) ?? 0;
  const current = await within(currentSpan(tiered, now));
  if (held === null || now < held.until) return { current, ended: 0 };
  return { current, ended: await within(endedSpan(tiered, held.until)) };
}

/** By customer. What was given back or taken back counts no more, wherever it was earned. */
async function countedIn(
  tx: pg.ClientBase,
  { name, tiers }: Tiered,
  customers: readonly string[],
  { from, until }: Span,
): Promise<ReadonlyMap<string, number>> {
  const counted = tiers.basis === 'spend' ? 'l.spend - l.spend_returned' : 'l.points - l.returned';
  const { rows } = await tx.query<{ customer: string; counted: string }>(
    `select l.customer, sum(${counted})::text as counted from loyalty.lot l
      where l.tenant_id = core.current_tenant()
        and l.generation = ${generationSql('$5')} and l.program = $1
        and l.customer = any ($2) and l.qualifying and l.earned_at >= $3 and l.earned_at < $4
      group by l.customer`,
    [name, customers, instantToText(from), instantToText(until), lotProjection.name],
  );
  return new Map(rows.map((row) => [row.customer, Math.max(0, Number(row.counted))]));
}

async function heldTiers(
  tx: pg.ClientBase,
  program: string,
  customers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<{ customer: string; tier: string }>(
    `select customer, tier from loyalty.tier
      where tenant_id = core.current_tenant() and program = $1 and customer = any ($2)`,
    [program, customers],
  );
  return new Map(rows.map(({ customer, tier }) => [customer, tier]));
}
