// What became of a move: found by our reference in what the core has on record, or not there.
import { dayMs } from '#core';
import type { AdapterOperations, FoundMove, LookUp } from '../adapter.ts';
import { jsonAt, jsonText, dayIn } from '../wire.ts';
import { type Fineract, page } from './client.ts';
import {
  carriedOut,
  holds,
  lookBackDays,
  type Recorded,
  type Seeking,
  transfers,
  undecided,
} from './commands.ts';
import { endOf, findHold, takenBy } from './holds.ts';
import { dayForm, textIn } from './mapping.ts';
import { refused } from './moves.ts';

export function lookUps(core: Fineract): Pick<AdapterOperations, 'lookUp'> {
  return {
    async lookUp(of) {
      if (of.kind === 'release') return released(core, of);
      const account = of.kind === 'reverse' ? await payerOf(core, of) : of.account;
      return recorded(core, {
        ...{ kind: of.kind === 'hold' ? holds : transfers, signal: of.signal },
        ...{ account: account ?? of.account, is: (text) => text.reference === of.reference },
      });
    },
  };
}

async function recorded(core: Fineract, of: Seeking): Promise<FoundMove | undefined> {
  const done = await carriedOut(core, of);
  if (done) return foundOf(done);
  const isChecked = core.options.settings?.['maker_checker'] === 'on';
  const open = isChecked ? await undecided(core, of) : undefined;
  return open && foundOf(open);
}

/** A command that has failed is not on record: sent again, it tells why from the store. */
function foundOf({ result, resource, id, text }: Recorded): FoundMove | undefined {
  const { mark } = text;
  switch (result) {
    case 'processed':
      return resource === undefined
        ? { answer: { status: 'unknown' }, mark }
        : { answer: { status: 'completed', coreReference: resource, replayed: true }, mark };
    case 'waiting':
      return { answer: { status: 'pending_approval', coreReference: id }, mark };
    case 'rejected':
      return { answer: refused('core_rejected', 'rejected by a checker'), mark };
    case 'failed':
      return undefined;
  }
}

/** The core keeps no text with the end of a hold: a hold ends once, and a capture has a text. */
async function released(core: Fineract, of: LookUp): Promise<FoundMove | undefined> {
  const { account, hold, signal } = of;
  if (hold === undefined) return undefined;
  const sought = { account, hold, signal };
  const found = await findHold(core, sought);
  const end = found && (await endOf(core, sought, found));
  if (end?.ended === undefined) return undefined;
  if (await takenBy(core, sought)) return { answer: refused('hold_captured'), mark: null };
  const answer = { status: 'completed', coreReference: end.ended, replayed: true } as const;
  return { answer, mark: null };
}

// Reversals ---------------------------------------------------------------------------------------

/** Transactions of one account, the newest first. */
const [rowsPerPage, pagesMax] = [200, 5];

/**
 * A reversal is asked about by the account that it pays to, and is on record under the one that
 * pays: both have it among their transactions, and the transfer names both.
 */
async function payerOf(core: Fineract, of: LookUp): Promise<string | undefined> {
  const { timeZone = 'UTC', now } = core.options;
  const query = {
    ...{ orderBy: 'id', sortOrder: 'DESC', ...dayForm },
    fromSubmittedDate: dayIn(timeZone, now() - lookBackDays * dayMs),
  };
  const path = `savingsaccounts/${encodeURIComponent(of.account)}/transactions/search`;
  let after: string | undefined;
  for (let read = 0; read < pagesMax; read += 1) {
    const at = { limit: rowsPerPage, ...(after === undefined ? {} : { after }) };
    const rows = await page(core, { path, query, signal: of.signal }, at);
    const found = rows?.items.find(
      (row) => textIn(jsonText(row, 'transfer', 'transferDescription'))?.reference === of.reference,
    );
    const transfer = jsonText(jsonAt(found, 'transfer'), 'id');
    if (transfer !== undefined) {
      const one = `accounttransfers/${encodeURIComponent(transfer)}`;
      const whole = await core.ask({ path: one, signal: of.signal });
      return jsonText(whole, 'fromAccount', 'id');
    }
    if (!rows || rows.next === null) return undefined;
    after = rows.next;
  }
  return undefined;
}
