// What people are asked: commands that policy wants looked at, or that a use case may not send on
// its own. An approval is of exactly one command, and carries it out.
import {
  canonicalJson,
  type Clock,
  type CommandInput,
  commandDigest,
  type Consumer,
  dueRounds,
  Fault,
  instantToText,
  type Json,
  type SealedEvent,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { JournalBody } from '#money';
import { approvalOf, commandSubject, readApproval } from '#policy';
import { look, type SystemParts, systemOf } from './accounts.ts';
import type { EarnedPart, EarnedRow, PartState } from './accrual-page.ts';
import { lotsOf, send } from './accrual-send.ts';
import { isOfReturn, lockAskedReturn, writeGivenAgain } from './returns-asked.ts';

export type AskedParts = SystemParts & { readonly clock: Clock };

/** A part of an earning. */
export type PartOf = {
  readonly program: string;
  readonly transfer_id: string;
  readonly kind: string;
  readonly part: number;
};
/** Or a budget for what waits. */
export type BudgetOf = { readonly program: string; readonly campaign: string };

type Asking = {
  readonly tenant: string;
  readonly input: CommandInput<Json>;
  readonly of: PartOf | BudgetOf;
  /** In words for the checkers. */
  readonly what: string;
};

/** What nobody has looked at for so long is let go. */
const lifeMs = 30 * 86_400_000;

/** Asks for the approval of exactly this command; once, however often it is called. */
export async function askFor(
  parts: AskedParts,
  tx: Tx,
  { tenant, input, of, what }: Asking,
): Promise<void> {
  const { operation, body, idempotencyKey } = input;
  const bodyText = canonicalJson(body);
  const subject_digest = commandDigest({ tenant, operation, bodyText });
  const now = parts.clock.now();
  const sent = await send(parts, {
    principal: systemOf(tenant),
    operation: 'approval.request',
    idempotencyKey: `ask ${idempotencyKey} ${subject_digest.slice(0, 16)}`,
    body: {
      ...{ subject_kind: commandSubject, subject_digest, summary: `${operation}: ${what}` },
      expires_at: instantToText(now + lifeMs),
    },
  });
  // Whoever may ask nobody has his answer.
  if (sent.outcome.status !== 'accepted') return;
  const { program, transfer_id, kind, part, campaign } = of as Partial<PartOf & BudgetOf>;
  await tx.query(
    `insert into loyalty.asked (tenant_id, approval_id, program, operation, body, transfer_id,
       kind, part, campaign, asked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict do nothing`,
    [
      ...[tenant, approvalOf(sent.id), program, operation, bodyText, transfer_id ?? null],
      ...[kind ?? null, part ?? null, campaign ?? null, instantToText(now)],
    ],
  );
}

const eventsMax = 100;

/** Carries out what was approved, as the approval says so. */
export function askedAnswers(parts: AskedParts): Consumer {
  return {
    name: 'loyalty-asked',
    types: ['approval.given', 'approval.rejected'],
    eventsMax,
    async apply(tx, events) {
      for (const event of events) await answer(parts, tx, event);
    },
  };
}

type Verdict = {
  readonly approval_id: string;
  readonly given?: number;
  readonly required_checkers?: number;
};

async function answer(parts: AskedParts, tx: Tx, { tenant, type, body }: SealedEvent) {
  const { payload } = (JSON.parse(body) as { data: { payload: Verdict } }).data;
  const { approval_id, given, required_checkers } = payload;
  const isRefusal = type === 'approval.rejected';
  if (!isRefusal && given !== required_checkers) return;
  const row = await lockAsked(tx, tenant, approval_id);
  if (row) await end(parts, tx, { row, isApproved: !isRefusal });
}

type AskedRow = {
  readonly tenant_id: string;
  readonly approval_id: string;
  readonly operation: string;
  readonly body: string;
  readonly program: string;
  readonly transfer_id: string | null;
  readonly kind: string | null;
  readonly part: number | null;
  readonly campaign: string | null;
};

async function lockAsked(tx: Tx, tenant: string, approval: string): Promise<AskedRow | undefined> {
  const { rows } = await tx.query<AskedRow>(
    `select * from loyalty.asked
      where tenant_id = $1 and approval_id = $2 and status = 'asked' for update`,
    [tenant, approval],
  );
  return rows[0];
}

const sweepPage = 100;

type SweptParts = AskedParts & { readonly onError: (error: unknown) => void };
type Open = { readonly tenant: string; readonly id: string };

/**
 * Answers what ends what was decided before it was written down that somebody was asked, and what
 * nobody has decided in time; that answers how many. What waits for people keeps nobody waiting.
 */
export function askedSweep(parts: SweptParts): () => Promise<number> {
  const pool = parts.database.pool('app');
  let ended = 0;
  const round = dueRounds<Open>({
    ...{ now: () => parts.clock.now(), onError: parts.onError, pageSize: sweepPage },
    async readPage(after) {
      const { rows } = await pool.query<Open>(
        `select tenant_id as tenant, approval_id as id from loyalty.asked
          where status = 'asked' and (tenant_id, approval_id) > ($1, $2)
          order by tenant_id, approval_id limit ${sweepPage}`,
        [after?.tenant ?? '', after?.id ?? ''],
      );
      return rows;
    },
    async perform({ tenant, id }) {
      const now = parts.clock.now();
      const status = await look(parts, tenant, (tx) => statusOf(tx, id, now));
      if (status === 'pending') return true;
      await withTx(pool, async (tx) => {
        const row = await lockAsked(tx, tenant, id);
        // What was carried out already is found, and not done again.
        const isApproved = status === 'approved' || status === 'used';
        if (row) await end(parts, tx, { row, isApproved });
      });
      ended += 1;
      return true;
    },
  });
  return async () => {
    ended = 0;
    await round();
    return ended;
  };
}

async function statusOf(tx: Tx, approval: string, now: number): Promise<string> {
  const found = await readApproval(tx, approval, now);
  return found?.status ?? 'pending';
}

async function end(
  parts: AskedParts,
  tx: Tx,
  { row, isApproved }: { readonly row: AskedRow; readonly isApproved: boolean },
): Promise<void> {
  const { tenant_id, approval_id } = row;
  const body = JSON.parse(row.body) as Json;
  const isReturn = isOfReturn(body);
  const returned = isReturn
    ? await lockAskedReturn(tx, { ...partOf(row), tenant: tenant_id })
    : undefined;
  const isWanted = isApproved && (!isReturn || returned !== undefined);
  const became = isWanted ? await carryOut(parts, row, body) : { status: 'rejected' as const };
  await tx.query('update loyalty.asked set status = $3 where tenant_id = $1 and approval_id = $2', [
    tenant_id,
    approval_id,
    became.status,
  ]);
  if (isReturn) {
    if (returned && became.status === 'done') await writeGivenAgain(tx, returned, became);
    return;
  }
  if (row.campaign !== null) {
    if (became.status !== 'done') await letGo(tx, row);
    return;
  }
  const lots = 'lots' in became ? became.lots : [];
  await changePart(tx, partOf(row), {
    ...{ tenant: tenant_id, lots, state: became.status === 'done' ? 'given' : 'refused' },
  });
}

type Became =
  | {
      readonly status: 'done';
      readonly lots: readonly string[];
      readonly id: Uuid;
      readonly body: Json;
    }
  | { readonly status: 'refused' | 'rejected' };

async function carryOut(parts: AskedParts, row: AskedRow, body: Json): Promise<Became> {
  const { tenant_id: tenant, approval_id, operation } = row;
  const input = { principal: systemOf(tenant), operation, body, idempotencyKey: approval_id };
  try {
    const { id, outcome } = await send(parts, input);
    if (outcome.status !== 'accepted') return { status: 'refused' };
    const lots = lotsOf(id, (body as unknown as JournalBody).legs.length);
    return { status: 'done', lots, id, body };
  } catch (error) {
    // It was stopped, or its time was over, before we came to it.
    if (error instanceof Fault && error.code === 'approval_invalid') return { status: 'rejected' };
    throw error;
  }
}

function partOf({ program, transfer_id, kind, part }: AskedRow): PartOf {
  return { program, transfer_id: transfer_id ?? '', kind: kind ?? '', part: part ?? 0 };
}

/** Who refuses a campaign more points refuses them to all who wait. */
async function letGo(tx: Tx, { tenant_id, program, campaign }: AskedRow): Promise<void> {
  const { rows } = await tx.query<PartOf>(
    `delete from loyalty.waiting where tenant_id = $1 and program = $2 and campaign = $3
     returning program, transfer_id, kind, part`,
    [tenant_id, program, campaign],
  );
  for (const of of rows) {
    await changePart(tx, of, { tenant: tenant_id, state: 'refused', lots: [] });
  }
}

type Change = {
  readonly tenant: string;
  readonly state: PartState;
  readonly lots: readonly string[];
};

/** What has become of one part; what was refunded meanwhile is taken of it at once. */
export async function changePart(tx: Tx, of: PartOf, { tenant, state, lots }: Change) {
  const key = [tenant, of.program, of.transfer_id, of.kind];
  const { rows } = await tx.query<Pick<EarnedRow, 'parts' | 'outcome'>>(
    `select parts, outcome from loyalty.earned
      where tenant_id = $1 and program = $2 and transfer_id = $3 and kind = $4 for update`,
    key,
  );
  const [row] = rows;
  if (!row) return;
  const parts = row.parts.map((each, part) => (part === of.part ? { ...each, state, lots } : each));
  const given = parts.filter((each) => each.state === 'given');
  const points = given.reduce((sum, each) => sum + each.points, 0);
  await tx.query(
    `update loyalty.earned e set parts = $5, points = $6, outcome = $7, exact = $8,
            unsettled = unsettled or exists (select from loyalty.returned r
              where r.tenant_id = e.tenant_id and r.deal = e.deal)
      where tenant_id = $1 and program = $2 and transfer_id = $3 and kind = $4`,
    [...key, JSON.stringify(parts), points, outcomeOf(parts), String(points)],
  );
}

function outcomeOf(parts: readonly EarnedPart[]): EarnedRow['outcome'] {
  const has = (...states: readonly PartState[]) =>
    parts.some(({ state }) => states.includes(state));
  if (has('given')) return 'earned';
  return has('asked', 'waits') ? 'asked' : 'refused';
}
