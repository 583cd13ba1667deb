// Budgets that are used up: what a campaign has not enough for waits in its turn, people are asked
// to raise the budget, and what it then has is given to the last point.
import {
  type CommandInput,
  externalId,
  type Json,
  nullable,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import Type from 'typebox';
import { look, onlySystem, programAccounts, systemOf } from './accounts.ts';
import { isRejected, isShort, lotsOf, send } from './accrual-send.ts';
import { askFor, type AskedParts, changePart, type PartOf } from './asked.ts';
import { fundCommand } from './points.ts';
import { readProgramInForce } from './program/versions.ts';

export type Budget = {
  readonly account: string;
  /** Points. */
  readonly left: number;
  readonly version: number;
};

export async function readBudget(
  tx: Pick<Tx, 'query'>,
  program: string,
  campaign: string,
): Promise<Budget | undefined> {
  const { rows } = await tx.query<{ id: Uuid; left: bigint; version: bigint }>({
    name: 'loyalty.budget',
    text: `select m.id, m.credits_posted - m.debits_posted as left, m.version
       from loyalty.account a
       join money.account m on m.tenant_id = a.tenant_id and m.id = a.account_id
      where a.tenant_id = core.current_tenant() and a.program = $1 and a.campaign = $2`,
    values: [program, campaign],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { id, left, version } = row;
  return { account: externalId('account', id), left: Number(left), version: Number(version) };
}

type Waiting = PartOf & {
  readonly campaign: string;
  readonly customer: string;
  readonly points: number;
  readonly position: bigint;
};

/** Puts an award in the line of its campaign, in the transaction of the checkpoint. */
export async function wait(
  tx: Tx,
  { tenant, input, of }: { tenant: string; input: CommandInput<Json>; of: Waiting },
): Promise<void> {
  const { program, campaign, transfer_id, kind, part, customer, points, position } = of;
  const gift = { key: input.idempotencyKey, body: input.body };
  await tx.query(
    `insert into loyalty.waiting (tenant_id, program, campaign, transfer_id, kind, part, customer,
       points, gift, position) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict do nothing`,
    [
      ...[tenant, program, campaign, transfer_id, kind, part, customer, points],
      ...[JSON.stringify(gift), String(position)],
    ],
  );
}

export const budgetPayloads = {
  'loyalty.budget_exhausted': Type.Object({
    program: Type.String(),
    campaign: Type.String(),
    points_left: Type.Integer({ description: 'Of the budget: less than the next award needs.' }),
    points_waiting: Type.Integer({ description: 'Of awards that wait until it is raised.' }),
    awards_waiting: Type.Integer(),
    customer: nullable(Type.String({ description: 'Who waits longest.' })),
  }),
};

export const budgetOperations: PolicyOperations = {
  'loyalty.budget.exhaust': {
    changesRights: false,
    async perform(_tx, command) {
      onlySystem(command);
      return [policyEvent(command, 'loyalty.budget_exhausted', command.body)];
    },
  },
};

/** Of a campaign, how many are given in one turn. */
const turnMax = 100;
const campaignsPage = 100;

/**
 * Gives what budgets have points for again, and asks for what they lack; answers how much. What
 * cannot be done for one campaign, or waits for people, holds up no other.
 */
export async function raiseBudgets(
  parts: AskedParts & { readonly onError?: (error: unknown) => void },
): Promise<number> {
  const pool = parts.database.pool('app');
  let given = 0;
  let after: Line = { tenant: '', program: '', campaign: '' };
  for (;;) {
    const { rows } = await pool.query<Line>(
      `select distinct tenant_id as tenant, program, campaign from loyalty.waiting
        where (tenant_id, program, campaign) > ($1, $2, $3)
        order by 1, 2, 3 limit ${campaignsPage}`,
      [after.tenant, after.program, after.campaign],
    );
    for (const line of rows) {
      given += await withTx(pool, (tx) => giveWaiting(parts, tx, line)).catch((error: unknown) => {
        parts.onError?.(error);
        return 0;
      });
    }
    if (rows.length < campaignsPage) return given;
    after = rows.at(-1) as Line;
  }
}

type Line = { readonly tenant: string; readonly program: string; readonly campaign: string };
type WaitingRow = PartOf & {
  readonly customer: string;
  readonly points: bigint;
  readonly attempts: number;
  readonly gift: { readonly key: string; readonly body: Readonly<Record<string, Json>> };
};

async function giveWaiting(parts: AskedParts, tx: Tx, line: Line): Promise<number> {
  const { tenant, program, campaign } = line;
  // Another process that has them gives them.
  const { rows } = await tx.query<WaitingRow>(
    `select program, transfer_id, kind, part, customer, points, attempts, gift
       from loyalty.waiting where tenant_id = $1 and program = $2 and campaign = $3
      order by position, transfer_id, kind, part limit ${turnMax} for update skip locked`,
    [tenant, program, campaign],
  );
  let given = 0;
  for (const row of rows) {
    const budget = await look(parts, tenant, (read) => readBudget(read, program, campaign));
    if (budget === undefined) return given;
    // Who came first is served first: what is left is not for whoever wants less.
    if (budget.left < Number(row.points)) {
      await askForMore(parts, tx, { line, budget });
      return given;
    }
    given += Number(await giveAgain(parts, tx, { line, row, budget }));
  }
  return given;
}

type Turn = { readonly line: Line; readonly row: WaitingRow; readonly budget: Budget };

async function giveAgain(parts: AskedParts, tx: Tx, { line, row, budget }: Turn) {
  const { tenant, program, campaign } = line;
  const { gift, attempts } = row;
  const value = await pointValueOf(parts, line);
  const points = gift.body['points'] as Readonly<Record<string, Json>>;
  const left = Math.floor((budget.left * value) / 1_000_000);
  const body = { ...gift.body, points: { ...points, budget_left: left } };
  const idempotencyKey = `${gift.key} again ${attempts}`;
  const input = { principal: systemOf(tenant), operation: 'points.award', idempotencyKey, body };
  const { id, outcome, body: sent } = await send(parts, input);
  const where = [tenant, program, campaign, row.transfer_id, row.kind, row.part];
  const one = `tenant_id = $1 and program = $2 and campaign = $3 and transfer_id = $4
    and kind = $5 and part = $6`;
  // Somebody else was faster: there is another turn.
  if (isShort(outcome)) {
    await tx.query(`update loyalty.waiting set attempts = attempts + 1 where ${one}`, where);
    return false;
  }
  await tx.query(`delete from loyalty.waiting where ${one}`, where);
  if (isRejected(outcome, 'policy_review')) {
    const what = `${row.points} points of ${program}, campaign ${campaign}`;
    await askFor(parts, tx, { tenant, input, of: row, what });
    await changePart(tx, row, { tenant, state: 'asked', lots: [] });
    return false;
  }
  const isGiven = outcome.status === 'accepted';
  const { legs } = sent as unknown as { readonly legs: readonly unknown[] };
  const lots = isGiven ? lotsOf(id, legs.length) : [];
  await changePart(tx, row, { tenant, state: isGiven ? 'given' : 'refused', lots });
  return isGiven;
}

/** One approval at a time: of as many points as all who wait by now need. */
async function askForMore(
  parts: AskedParts,
  tx: Tx,
  { line, budget }: { readonly line: Line; readonly budget: Budget },
): Promise<void> {
  const { tenant, program, campaign } = line;
  const { rows } = await tx.query<{ points: bigint; awards: bigint; customer: string }>(
    `select sum(points)::bigint as points, count(*) as awards,
            (array_agg(customer order by position))[1] as customer
       from loyalty.waiting where tenant_id = $1 and program = $2 and campaign = $3
        and not exists (select from loyalty.asked a where a.tenant_id = $1 and a.program = $2
                          and a.campaign = $3 and a.status = 'asked')
     having count(*) > 0`,
    [tenant, program, campaign],
  );
  const [waiting] = rows;
  const accounts = await look(parts, tenant, (read) => programAccounts(read, program));
  if (waiting === undefined || accounts === undefined) return;
  const points = Number(waiting.points) - budget.left;
  await tell(parts, line, {
    ...{ program, campaign, points_left: budget.left, points_waiting: Number(waiting.points) },
    ...{ awards_waiting: Number(waiting.awards), customer: waiting.customer },
    version: budget.version,
  });
  const input = fundCommand({
    by: systemOf(tenant),
    key: `fund ${program} ${campaign} ${budget.version}`,
    program: accounts,
    reason: 'budget_exhausted',
    ...{ campaign, budget: budget.account, points },
    pointValueMicros: await pointValueOf(parts, line),
  });
  const what = `${points} points for the budget of campaign ${campaign} of ${program}`;
  await askFor(parts, tx, { tenant, input, of: { program, campaign }, what });
}

/** Once for each time that a budget ends: its account has moved before it ends again. */
async function tell(
  parts: AskedParts,
  { tenant, program, campaign }: Line,
  { version, ...body }: Readonly<Record<string, Json>> & { readonly version: number },
): Promise<void> {
  const idempotencyKey = `exhausted ${program} ${campaign} ${version}`;
  const operation = 'loyalty.budget.exhaust';
  await send(parts, { principal: systemOf(tenant), operation, idempotencyKey, body });
}

async function pointValueOf(parts: AskedParts, { tenant, program }: Line): Promise<number> {
  const now = parts.clock.now();
  const document = await look(parts, tenant, (tx) => readProgramInForce(tx, program, now));
  return document?.point_value_micros ?? 0;
}
