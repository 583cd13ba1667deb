// What the core has on record of commands: its audit names each with what was sent, what came of
// it, and what waits for a checker. By it a move is found again under our reference.
import { dayMs } from '#core';
import { coreFault } from '../failures.ts';
import { dayIn, jsonList, jsonText, readJson, type WireJson } from '../wire.ts';
import { type Asking, type Fineract, name } from './client.ts';
import { type MoveText, textIn } from './mapping.ts';

export type Recorded = {
  /** Of the command itself: what waits is called by it. */
  readonly id: string;
  readonly result: 'processed' | 'waiting' | 'rejected' | 'failed';
  /** What the core calls that which was written; undefined until it is. */
  readonly resource: string | undefined;
  readonly text: MoveText;
  readonly sent: WireJson | undefined;
};

export type Kind = { readonly action: string; readonly entity: string; readonly textIn: string };

export const transfers: Kind = {
  ...{ action: 'CREATE', entity: 'ACCOUNTTRANSFER', textIn: 'transferDescription' },
};
export const holds: Kind = {
  ...{ action: 'HOLDAMOUNT', entity: 'SAVINGSACCOUNT', textIn: 'reasonForBlock' },
};

/** How far a look-up reads: commands of one account and kind, the newest first. */
const [rowsPerPage, pagesMax] = [200, 5];
export const lookBackDays = 35;

export type Seeking = Pick<Asking, 'signal'> & {
  readonly kind: Kind;
  /** Of the account that is debited or held. */
  readonly account: string;
  readonly is: (text: MoveText) => boolean;
};

/**
 * The newest that was carried out; undefined where none was in the days that are looked at. Throws
 * where there are too many to see all of them.
 */
export async function carriedOut(core: Fineract, of: Seeking): Promise<Recorded | undefined> {
  const { kind, account, signal } = of;
  const query = { ...queryOf(core, kind), savingsAccountId: account, paged: 'true' };
  for (let page = 0; page < pagesMax; page += 1) {
    const at = { offset: page * rowsPerPage, limit: rowsPerPage };
    const found = await core.ask({ path: 'audits', query: { ...query, ...at }, signal });
    const rows = jsonList(found, 'pageItems');
    const row = recordedIn(rows, of).find(({ result }) => result === 'processed');
    if (row || rows.length < rowsPerPage) return row;
  }
  // Not to have seen it is not to know that it is not there.
  const text = 'more commands than a look-up reads';
  throw coreFault(name, { class: 'incomplete', code: 'search_too_wide', text });
}

/**
 * What a checker has not decided, or has thrown out. Until he agrees, the record of a command does
 * not name the account.
 */
export async function undecided(core: Fineract, of: Seeking): Promise<Recorded | undefined> {
  const { kind, signal } = of;
  const { action, entity } = kind;
  const query = { actionName: action, entityName: entity, includeJson: 'true' };
  const waiting = await core.ask({ path: 'makercheckers', query, signal });
  const [found] = recordedIn(jsonList(waiting), of);
  if (found) return { ...found, result: 'waiting' };
  // 3: rejected by a checker.
  const thrownOut = { ...queryOf(core, kind), processingResult: 3, paged: 'true' };
  const page = { ...thrownOut, offset: 0, limit: rowsPerPage };
  const rows = await core.ask({ path: 'audits', query: page, signal });
  return recordedIn(jsonList(rows, 'pageItems'), of)[0];
}

function queryOf({ options }: Fineract, { action, entity }: Kind) {
  const { timeZone = 'UTC', now } = options;
  return {
    ...{ actionName: action, entityName: entity, includeJson: 'true' },
    makerDateTimeFrom: `${dayIn(timeZone, now() - lookBackDays * dayMs)} 00:00:00`,
    ...{ dateFormat: 'yyyy-MM-dd HH:mm:ss', locale: 'en', orderBy: 'id', sortOrder: 'DESC' },
  };
}

const results: Readonly<Record<string, Recorded['result']>> = {
  ...{ processed: 'processed', 'awaiting.approval': 'waiting', rejected: 'rejected' },
};

function recordedIn(rows: readonly WireJson[], { kind, is }: Seeking): readonly Recorded[] {
  return rows.flatMap((row) => {
    const sent = readJson(jsonText(row, 'commandAsJson') ?? '');
    const text = textIn(jsonText(sent, kind.textIn));
    if (!text || !is(text)) return [];
    const result = results[jsonText(row, 'processingResult') ?? ''] ?? 'failed';
    const resource = jsonText(row, 'resourceId');
    return [{ id: jsonText(row, 'id') ?? '', result, resource, text, sent }];
  });
}
