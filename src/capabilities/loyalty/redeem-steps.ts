// What follows from a redemption that was begun: points are taken, money is paid, then it ends.
// Each step is a command under a key of the redemption's own, so that whoever goes on after a crash
// finds what was done, and nothing is done twice.
import {
  type Clock,
  derivedUuid,
  dueRounds,
  externalId,
  Fault,
  type Instant,
  instantToText,
  internalId,
  type Json,
  type Tx,
  type Uuid,
} from '#core';
import type { JournalBody, Outcome, PostLeg } from '#money';
import { setTimeout as sleep } from 'node:timers/promises';
import { look, programAccounts, type SystemParts, systemOf } from './accounts.ts';
import { readBegun, readRecorded } from './accrual-send.ts';
import { readMember } from './members.ts';
import { redeemCommand, restoreCommand } from './points.ts';
import { findQuote } from './catalogue-quotes.ts';
import { type BeginBody, findRedemption, paysMoney, type Row } from './redeem.ts';
import { readStanding } from './standing.ts';

export type RedeemParts = SystemParts & { readonly clock: Clock };

/** How often points are asked for, where others move them meanwhile. */
const attemptsMax = 10;
/** For how long what was just moved may be on its way to the lots. */
const lagMaxMs = 3_000;
const lookEveryMs = 20;
/** What somebody is at work on is left to him. */
const leftAloneMs = 10_000;
const duePage = 20;

/** Goes on with a redemption as far as it goes now; one that has ended stays as it is. */
export async function carryOut(parts: RedeemParts, tenant: string, id: string): Promise<void> {
  const row = await look(parts, tenant, (tx) => findRedemption(tx, id));
  if (row?.status === 'begun') await finish({ ...parts, tenant, row, id });
  if (row?.status === 'reversing') await giveBack({ ...parts, tenant, row, id });
}

type Wanted = { readonly key: string; readonly body: BeginBody };

/**
 * Throws `insufficient_points` where a quote costs more than its customer may spend: then nothing
 * is begun, and the quote holds as before. What others move meanwhile is found out when the points
 * are taken. What was sent under the key before has its answer.
 */
export async function expectPoints(
  { database, clock }: Pick<RedeemParts, 'database' | 'clock'>,
  tenant: string,
  { key, body }: Wanted,
): Promise<void> {
  const { program, customer, quote_id } = body;
  const short = await look({ database }, tenant, async (tx) => {
    if ((await readRecorded(tx, [key])).has(key)) return undefined;
    const quote = await findQuote(tx, quote_id);
    // What is wrong with the quote is told when it is used.
    const isOpen = quote?.customer === customer && quote.redemption_id === null;
    const found = isOpen ? await memberNow(tx, { program, customer }, clock.now()) : undefined;
    // Points that are on their way to the lots may be enough.
    if (!quote || !found?.isSettled) return undefined;
    const [needed, available] = [Number(quote.points), found.standing.spendable];
    return needed > available ? { needed, available } : undefined;
  });
  if (short === undefined) return;
  const { needed, available } = short;
  throw new Fault(
    'insufficient_points',
    `the reward costs ${needed} points, and ${available} may be spent; the quote still holds`,
    { detail: { points_needed: needed, points_available: available } },
  );
}

type Going = RedeemParts & { readonly tenant: string; readonly row: Row; readonly id: string };

/** Points first: what is paid for was taken. */
async function finish(going: Going): Promise<void> {
  const taken = await takePoints(going);
  if (taken === 'later') return;
  if ('code' in taken) return end(going, 'refused', taken.code);
  if (paysMoney(going.row.kind)) {
    const paid = await moveMoney(going, 'pay');
    if (paid.status === 'rejected') {
      await restore(going, taken.command, `restore ${going.id}`);
      return end(going, 'refused', paid.code);
    }
  }
  await end(going, 'redeemed', null);
}

/** Money first: a customer who has spent it meanwhile keeps the reward. */
async function giveBack(going: Going): Promise<void> {
  const { row, id } = going;
  if (paysMoney(row.kind)) {
    const back = await moveMoney(going, 'take');
    if (back.status === 'rejected') return end(going, 'redeemed', back.code);
  }
  const taken = await takenBy(going);
  if (!taken) throw new Fault('internal', `${id} was redeemed by no command`);
  await restore(going, taken, `restore ${id} ${row.reversals}`);
  await end(going, 'reversed', null);
}

async function end(
  { execute, tenant, id, row }: Going,
  status: 'redeemed' | 'refused' | 'reversed',
  failure: string | null,
): Promise<void> {
  const idempotencyKey = `end ${id} ${row.reversals}`;
  const body = { redemption_id: id, status, failure };
  const sent = { operation: 'loyalty.redemption.end', idempotencyKey, body };
  await execute({ principal: systemOf(tenant), ...sent });
}

// Points ------------------------------------------------------------------------------------------

type Taken = { readonly command: Uuid } | { readonly code: string } | 'later';

/** Tries with what the lots say now; where the account has moved since, with what they say then. */
async function takePoints(going: Going): Promise<Taken> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const key = `redeem ${going.id} ${attempt}`;
    const answered = (await answerOf(going, key)) ?? (await tryPoints(going, key));
    if (answered === 'later') return answered;
    const { outcome, command } = answered;
    if (outcome.status === 'accepted') return { command };
    if (outcome.code === short.code) return { code: 'insufficient_points' };
    if (outcome.code !== 'account_changed') return { code: outcome.code };
  }
  return 'later';
}

/** As the ledger says it of the account of a member. */
const short = { status: 'rejected', code: 'insufficient_funds' } as const;

type Answered = { readonly outcome: Outcome; readonly command: Uuid };

async function tryPoints(going: Going, key: string): Promise<Answered | 'later'> {
  const { row, tenant, id, execute } = going;
  const seen = await settled(going);
  if (!seen) return 'later';
  const { member, program, standing } = seen;
  if (standing.spendable < Number(row.points)) {
    // The ledger is not asked: it does not know that what has expired is not spent any more.
    return { outcome: short, command: '' };
  }
  const command = redeemCommand({
    ...{ by: systemOf(tenant), key, program, member, points: Number(row.points) },
    ...{ reason: row.kind, source: id },
    expects: { [member.accounts.active]: standing.active_version },
  });
  try {
    const { commandId, outcome } = await execute(command);
    return { outcome, command: commandId };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'idempotency_key_reused') throw error;
    // Another process was at it, and saw other versions: its answer is there now.
    return (await answerOf(going, key)) ?? 'later';
  }
}

/** The member as the lots have him, once they have seen all that the ledger has moved. */
async function settled({ database, clock, tenant, row }: Going) {
  const now = clock.now();
  for (let waitedMs = 0; waitedMs <= lagMaxMs; waitedMs += lookEveryMs) {
    const found = await look({ database }, tenant, (tx) => memberNow(tx, row, now));
    if (found?.isSettled) return found;
    await sleep(lookEveryMs);
  }
  return undefined;
}

async function memberNow(
  tx: Tx,
  { program, customer }: Pick<Row, 'program' | 'customer'>,
  now: Instant,
) {
  const member = await readMember(tx, program, customer);
  const accounts = await programAccounts(tx, program);
  const standing = await readStanding(tx, program, customer, { at: now });
  if (!member || !accounts) return undefined;
  const { rows } = await tx.query<{ version: bigint }>(
    'select version from money.account where tenant_id = core.current_tenant() and id = $1',
    [internalId('account', member.accounts.active)],
  );
  const isSettled = Number(rows[0]?.version ?? 0n) === standing.active_version;
  return { member, program: accounts, standing, isSettled };
}

/** The command that has taken the points. */
async function takenBy(going: Going): Promise<Uuid | undefined> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const answered = await answerOf(going, `redeem ${going.id} ${attempt}`);
    if (answered?.outcome.status === 'accepted') return answered.command;
  }
  return undefined;
}

/** What a key has come to, where it was used. */
function answerOf(
  { database, tenant }: Pick<Going, 'database' | 'tenant'>,
  key: string,
): Promise<Answered | undefined> {
  return look({ database }, tenant, async (tx) => {
    const { rows } = await tx.query<{ id: Uuid; outcome: string }>(
      `select id, outcome from core.command
        where tenant_id = core.current_tenant() and idempotency_key = $1`,
      [key],
    );
    return rows[0] && { command: rows[0].id, outcome: JSON.parse(rows[0].outcome) as Outcome };
  });
}

/**
 * Once: what policy did not let is asked for again under the next key, by whoever goes on with it,
 * so that points are never lost to a rule that was changed since.
 */
async function restore(going: Going, taken: Uuid, key: string): Promise<void> {
  const begun = await readBegun(going, going.tenant, key);
  if (begun.some(({ outcome }) => outcome.status === 'accepted')) return;
  await tryRestore(going, taken, `${key} ${begun.length + 1}`);
}

async function tryRestore(going: Going, taken: Uuid, key: string): Promise<void> {
  const { database, tenant, row, id, execute } = going;
  const found = await look({ database }, tenant, async (tx) => ({
    member: await readMember(tx, row.program, row.customer),
    program: await programAccounts(tx, row.program),
  }));
  if (!found.member || !found.program) throw new Fault('internal', `${id} has no member`);
  const command = restoreCommand({
    ...{ by: systemOf(tenant), key, program: found.program, member: found.member },
    of: externalId('transfer', derivedUuid(taken, 'transfer', 0)),
    ...{ points: Number(row.points), reason: 'redemption_reversed', source: id },
  });
  const { outcome } = await execute(command).catch(async (error: unknown) => {
    const isThere = error instanceof Fault && error.code === 'idempotency_key_reused';
    const answered = isThere ? await answerOf(going, key) : undefined;
    if (answered) return answered;
    throw error;
  });
  if (outcome.status === 'accepted') return;
  throw new Fault('conflict', `the points of ${id} were not given back: ${outcome.code}`);
}

// Money -------------------------------------------------------------------------------------------

/**
 * To the customer, or back. What is paid to a customer is less revenue (IFRS 15.70): what was
 * deferred for the points becomes revenue of redemptions by the run of the liability, as for any
 * other reward, and this is taken off it.
 */
async function moveMoney(going: Going, way: 'pay' | 'take'): Promise<Outcome> {
  const { database, tenant, row, id, execute } = going;
  const accounts = await look({ database }, tenant, (tx) => programAccounts(tx, row.program));
  if (!accounts || row.account_id === null) throw new Fault('internal', `${id} has no accounts`);
  const [from, to] = [accounts.redemptionRevenue, row.account_id];
  const leg: PostLeg = {
    kind: 'post',
    debit_account_id: way === 'pay' ? from : to,
    credit_account_id: way === 'pay' ? to : from,
    amount: Number(row.worth),
    currency: row.currency,
    metadata: { kind: row.kind, redemption: id, program: row.program, reward: row.reward },
  };
  const body: JournalBody = { legs: [leg] };
  const number = way === 'pay' ? '' : ` ${row.reversals}`;
  const { outcome } = await execute({
    ...{ principal: systemOf(tenant), operation: 'journal.post' },
    idempotencyKey: `${way} ${id}${number}`,
    body: body as unknown as Json,
  });
  return outcome;
}

// What was broken off -----------------------------------------------------------------------------

type DueRedemption = { readonly tenant: string; readonly id: string; readonly changed_at: Date };

/** Goes on with what nobody is at work on any more; answers what does one round of it. */
export function redemptionFinisher(
  parts: RedeemParts,
  { onError }: { readonly onError: (error: unknown) => void },
): () => Promise<number> {
  const now = () => parts.clock.now();
  return dueRounds<DueRedemption>({
    ...{ now, onError, pageSize: duePage },
    async readPage(after) {
      const { rows } = await parts.database.pool('app').query<DueRedemption>(
        `select tenant_id as tenant, id, changed_at from loyalty.redemption
          where status in ('begun', 'reversing') and changed_at <= $1
            and ($2::timestamptz is null or (changed_at, id) > ($2, $3))
          order by changed_at, id limit ${duePage}`,
        [instantToText(now() - leftAloneMs), after?.changed_at ?? null, after?.id ?? null],
      );
      return rows;
    },
    async perform({ tenant, id }) {
      const redemption = externalId('redemption', id);
      await carryOut(parts, tenant, redemption);
      const row = await look(parts, tenant, (tx) => findRedemption(tx, redemption));
      return row?.status !== 'begun' && row?.status !== 'reversing';
    },
  });
}
