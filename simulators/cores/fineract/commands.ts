// Commands of a simulated Fineract: each is done once under its key and told again from what is
// stored, also when it has failed, and leaves a row in the audit.
import { setTimeout as sleep } from 'node:timers/promises';
import type { BookMove } from '../book.ts';
import type { SimAnswer, SimRequest } from '../simulator.ts';
import { type Bank, clientIdOf, type Command, nextId, numberIn, transferIdOf } from './bank.ts';
import { tellHooks } from './hooks.ts';
import { failed, ok, type Refused } from './words.ts';

/** What is done, as the path says it. */
export type Doing = {
  readonly action: string;
  readonly entity: string;
  readonly savingsId?: number;
  readonly clientId?: number;
};

/** `resourceId` and what else the answer has; `move` where it waits for a checker. */
export type DoneCommand = {
  readonly resourceId?: number;
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly savingsId?: number;
  readonly clientId?: number;
  readonly waiting?: BookMove;
};

/** How long a command is under way. */
const workMs = 5;
/** Told again from what is stored. */
const servedFromCache = 'x-served-from-cache';

export async function command(
  bank: Bank,
  request: SimRequest,
  doing: Doing,
  work: (body: string) => DoneCommand,
): Promise<SimAnswer> {
  const given = request.headers['idempotency-key'];
  // Without a key the server makes one up: nothing protects from a second call.
  const key = `${given ?? `own ${nextId(bank)}`}|${doing.action}|${doing.entity}`;
  const stored = bank.answers.get(key);
  if (stored) return { ...stored, headers: { ...stored.headers, [servedFromCache]: 'true' } };
  if (stored === null) {
    const under = failed(425, 'error.msg.idempotent.command.under.processing').refused;
    return { ...under, headers: { [servedFromCache]: 'true' } };
  }
  bank.answers.set(key, null);
  // The first one needs a moment: who asks meanwhile hears that it is under way.
  await sleep(workMs);
  const answer = executed(bank, request, doing, work);
  bank.answers.set(key, answer);
  return answer;
}

function executed(
  bank: Bank,
  request: SimRequest,
  doing: Doing,
  work: (body: string) => DoneCommand,
): SimAnswer {
  const row = record(bank, request, doing);
  try {
    const done = work(request.body);
    row.savingsId = done.savingsId ?? row.savingsId;
    row.clientId = done.clientId ?? row.clientId;
    if (done.waiting) {
      // Rolled back: the row knows neither account nor client until somebody approves.
      row.savingsId = null;
      row.move = done.waiting;
      row.id = numberIn(done.waiting.id);
      row.result = 'awaiting.approval';
      bank.waiting.add(row);
      return ok({ commandId: row.id, rollbackTransaction: true });
    }
    row.resourceId = done.resourceId ?? null;
    row.result = 'processed';
    const { resourceId, answer = {} } = done;
    const told = { officeId: 1, ...answer, ...(resourceId === undefined ? {} : { resourceId }) };
    tellHooks(bank, row, told);
    return ok(told);
  } catch (error) {
    row.result = 'error';
    if (isRefused(error)) return error.refused;
    throw error;
  }
}

export function isRefused(error: unknown): error is Refused {
  return typeof error === 'object' && error !== null && 'refused' in error;
}

function record(bank: Bank, { path, query, body }: SimRequest, doing: Doing): Command {
  const search = query.size > 0 ? `?${query.toString()}` : '';
  const row: Command = {
    ...{ id: nextId(bank), action: doing.action, entity: doing.entity, json: body },
    url: `${path.replace(/^.*\/v1/, '')}${search}`,
    ...{ madeAt: bank.book.clock.now(), savingsId: doing.savingsId ?? null },
    ...{ clientId: doing.clientId ?? null, resourceId: null, result: 'error', move: null },
  };
  bank.commands.push(row);
  return row;
}

/** A checker has said yes to a move, here or by the book itself; or no. */
export function refreshWaiting(bank: Bank): void {
  for (const row of bank.waiting) {
    if (!row.move || row.move.status === 'pending') continue;
    bank.waiting.delete(row);
    const isBooked = row.move.status === 'booked';
    row.result = isBooked ? 'processed' : 'rejected';
    if (!isBooked) continue;
    const { debtor } = row.move;
    row.savingsId = numberIn(debtor);
    row.resourceId = detailIdOf(row.move);
    row.clientId = clientIdOf(bank.book, bank.book.accounts.get(debtor)?.party ?? '');
  }
}

/** What a transfer is called in the answer to its command; its row of transfers has another id. */
export function detailIdOf(move: BookMove): number {
  return transferIdOf(move) - 500_000;
}
