// One run: the lots are summed up, the report is recorded, and its journal is posted. Each step has
// a key of its own, so that whoever goes on after a crash repeats none of them.
import {
  type CommandInput,
  type Database,
  Fault,
  foldedPosition,
  type Instant,
  instantToText,
  type Json,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { Leg, Outcome } from '#money';
import { look, openProgramAccounts, type ProgramAccounts, systemOf } from '../accounts.ts';
import type { CompiledProgram } from '../program/compile.ts';
import { lotProjection } from '../projection.ts';
import type { Movement } from './books.ts';
import { journalId, lastBooked, lastRun, type SettleBody } from './record.ts';
import { booksOf, type Report, reportOf, termsOf } from './report.ts';
import { readCohorts } from './sums.ts';

export type RunParts = {
  readonly database: Database;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly commandId: Uuid; readonly outcome: Outcome }>;
};

export type RunAsked = {
  readonly tenant: string;
  readonly program: CompiledProgram;
  readonly asOf: Instant;
};

/** Summing up ten million lots takes less than a minute. */
const sumsTimeoutMs = 120_000;

/** Answers whether there is a run as of then, and what it comes to is in the ledger. */
export async function carryOutRun(parts: RunParts, asked: RunAsked): Promise<boolean> {
  const { tenant, program } = asked;
  const { name, unit, currency } = program.document;
  const terms = termsOf(program.document);
  if (!terms) return false;
  const accounts = await openProgramAccounts(parts, tenant, { program: name, unit, currency });
  // What a crash has left over comes first: the next run goes on from it.
  if (!(await settleLast(parts, tenant, accounts))) return false;
  const found = await sumUp(parts, asked);
  if (found === undefined) return true;
  const { cohorts, before, ordinal, position } = found;
  const books = before ? booksOf(before.detail) : [];
  const question = { document: program.document, cohorts, asOf: asked.asOf, before: books };
  const report = reportOf(question, terms);
  const body = {
    ...{ program: name, ordinal, as_of: instantToText(asked.asOf), version: program.version },
    ...{ currency, position, follows: before?.ordinal ?? null },
    ...report,
  };
  const key = `liability run ${name} ${body.as_of}`;
  if (!(await send(parts, tenant, { operation: 'loyalty.liability.record', key, body }))) {
    return false;
  }
  return settleLast(parts, tenant, accounts);
}

/** Undefined where there is a run as of then, or a later one. */
async function sumUp({ database }: RunParts, { tenant, program, asOf }: RunAsked) {
  const { name, time_zone: timeZone } = program.document;
  const folded = (tx: Tx) => foldedPosition(tx, lotProjection);
  const position = Number(await withTx(database.pool('app'), folded));
  const read = async (tx: Tx) => {
    const last = await lastRun(tx, name);
    if (last && last.as_of.getTime() >= asOf) return undefined;
    await tx.query(`set local statement_timeout = ${sumsTimeoutMs}`);
    const cohorts = await readCohorts(tx, { program: name, timeZone, asOf });
    const before = await lastBooked(tx, name);
    return { cohorts, before, ordinal: (last?.ordinal ?? 0) + 1, position };
  };
  return withTx(database.pool('read'), read, { tenant });
}

// Posting -----------------------------------------------------------------------------------------

/** Posts the journal of the last run, where nobody has; answers whether nothing is left to do. */
async function settleLast(
  parts: RunParts,
  tenant: string,
  accounts: ProgramAccounts,
): Promise<boolean> {
  const { program } = accounts;
  const last = await look(parts, tenant, (tx) => lastRun(tx, program));
  if (!last || last.status !== null) return true;
  const { ordinal } = last;
  const asOf = last.as_of.toISOString();
  const legs = legsOf(last.figures.movement, accounts, ordinal);
  const named = { program, ordinal };
  let settled: SettleBody = { ...named, status: 'nothing', command_id: null, code: null };
  if (legs.length > 0) {
    const { outcome, commandId } = await parts.execute({
      principal: systemOf(tenant),
      operation: 'journal.post',
      idempotencyKey: `liability ${program} ${asOf}`,
      body: {
        legs: legs as unknown as Json,
        // In the period that it is of: a run as of midnight is of the day before.
        effective_at: instantToText(last.as_of.getTime() - 1),
        metadata: { program, liability_run: String(ordinal) },
      },
    });
    const isPosted = outcome.status === 'accepted';
    settled = {
      ...named,
      status: isPosted ? 'posted' : 'rejected',
      command_id: journalId(commandId),
      code: isPosted ? null : outcome.code,
    };
  }
  const key = `liability settle ${program} ${asOf}`;
  return send(parts, tenant, { operation: 'loyalty.liability.settle', key, body: settled });
}

/** Amounts below nought go the other way. */
function legsOf(
  { deferred, redeemed, breakage }: Report['figures']['movement'],
  accounts: ProgramAccounts,
  ordinal: number,
): readonly Leg[] {
  const { currency, liability, deferredRevenueSource: source } = accounts;
  const parts: Readonly<Record<keyof Movement, readonly [number, string, string]>> = {
    deferred: [deferred, source, liability],
    redeemed: [redeemed, liability, accounts.redemptionRevenue],
    breakage: [breakage, liability, accounts.breakageRevenue],
  };
  return Object.entries(parts).flatMap(([what, [amount, debit, credit]]): Leg[] => {
    if (amount === 0) return [];
    const [from, to] = amount > 0 ? [debit, credit] : [credit, debit];
    const metadata = { program: accounts.program, liability_run: String(ordinal), what };
    const accountIds = { debit_account_id: from, credit_account_id: to };
    return [{ kind: 'post', ...accountIds, amount: Math.abs(amount), currency, metadata }];
  });
}

/** Answers whether it is done. Another process may have been faster, with figures of its own. */
async function send(
  { execute }: RunParts,
  tenant: string,
  { operation, key, body }: { operation: string; key: string; body: unknown },
): Promise<boolean> {
  const principal = systemOf(tenant);
  try {
    const sent = { principal, operation, idempotencyKey: key, body: body as Json };
    return (await execute(sent)).outcome.status === 'accepted';
  } catch (error) {
    if (error instanceof Fault && error.code === 'idempotency_key_reused') return true;
    if (error instanceof Fault && error.code === 'conflict') return false;
    throw error;
  }
}
