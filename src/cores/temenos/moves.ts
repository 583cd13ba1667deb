// Transfers at Temenos, and how they are found again. The core compares no references: what it is
// sent twice it does twice, so that everything is looked up before it is sent a second time.
import { dayMs } from '#core';
import { sharedWork } from '../turns.ts';
import type { FoundMove, LookUp, MoveAnswer, TransferOrder } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import {
  dayIn,
  decimalOf,
  jsonNumber,
  jsonText,
  malformed,
  minorUnitsOf,
  type WireJson,
} from '../wire.ts';
import type { Client, Ordered } from './client.ts';
import { rejectionOf } from './errors.ts';
import { narrativeOf, ownFrom } from './mapping.ts';

/** How many days back a move is searched for, unless the settings say so. */
const lookUpDays = 7;
/** What is read of an account at most, to find one move. */
const [searchPage, searchPagesMax] = [500, 20];

export type Transfers = {
  readonly transfer: (order: TransferOrder) => Promise<MoveAnswer>;
  readonly find: (of: LookUp) => Promise<FoundMove | undefined>;
};

export function transfersAt(client: Client): Transfers {
  const { settings } = client;
  const together = sharedWork();
  const find = (of: LookUp) => findTransfer(client, of, daysBack(settings['lookUpDays']));
  const looksFirst = settings['lookFirst'] !== 'no';

  async function once(order: TransferOrder): Promise<MoveAnswer> {
    if (looksFirst) {
      const { reference, debtor: account, signal } = order;
      const of = { reference, account, kind: 'transfer' as const };
      const sum = decimalOf(order.amount, order.currency);
      const asked = { ...of, ...(signal ? { signal } : {}), sum };
      const answer = (await findTransfer(client, asked, 1))?.answer;
      if (answer?.status === 'completed') return { ...answer, replayed: true };
      if (answer) return answer;
    }
    return send(client, order);
  }

  return {
    find,
    // Callers that come together share one call: they mean one move.
    transfer: (order) => together(order.reference, () => once(order)),
  };
}

function daysBack(text: string | undefined): number {
  const days = Number(text ?? lookUpDays);
  return Number.isInteger(days) && days > 0 ? days : lookUpDays;
}

async function send(client: Client, order: TransferOrder): Promise<MoveAnswer> {
  const { debtor, creditor, currency, amount, valueDate, reference, mark } = order;
  const { accepted, signal } = order;
  const body = {
    transactionType: client.settings['transactionType'] ?? 'ACPX',
    debitAccountId: debtor,
    debitCurrency: currency,
    debitAmount: jsonNumber(decimalOf(amount, currency)),
    debitValueDate: valueDate,
    creditAccountId: creditor,
    debitReference: reference,
    creditReference: mark,
    paymentDetails: [{ paymentDetail: narrativeOf(reference, mark) }],
  };
  return answerOf(
    await client.command({
      ...{ service: 'transfers', method: 'POST', path: '/order/transfers' },
      ...{ body, accepted, signal },
    }),
  );
}

/** Of a command that moves or locks money. */
export function answerOf(ordered: Ordered): MoveAnswer {
  switch (ordered.kind) {
    case 'unknown':
      return { status: 'unknown' };
    case 'warned':
      return { status: 'needs_override', overrides: ordered.overrides };
    case 'refused': {
      const { failure, details } = ordered;
      const [first] = details;
      const code = first ? rejectionOf(first) : 'core_rejected';
      return { status: 'rejected', code, coreReason: `${failure.code}: ${failure.text}` };
    }
    case 'done': {
      const { header } = ordered;
      const coreReference = jsonText(header, 'id');
      if (coreReference === undefined) return { status: 'unknown' };
      return stateOf(jsonText(header, 'transactionStatus') ?? '', coreReference);
    }
  }
}

/** INAU, INAO, IHLD and the like are records that nobody has authorised yet. */
function stateOf(word: string, coreReference: string): MoveAnswer {
  if (/^(?:LIVE|AUTH|COMPLETED?|SUCCESS)$/i.test(word)) {
    return { status: 'completed', coreReference, replayed: false };
  }
  const isWaiting = /^(?:[IRC](?:NAU|NAO|HLD)|PENDING|UNAUTH.*)$/i.test(word);
  return isWaiting ? { status: 'pending_approval', coreReference } : { status: 'unknown' };
}

// Looking up --------------------------------------------------------------------------------------

type Search = LookUp & { readonly sum?: string };

async function findTransfer(
  client: Client,
  of: Search,
  days: number,
): Promise<FoundMove | undefined> {
  const enquiry = client.settings['transferEnquiry'];
  if (enquiry !== undefined) return findByEnquiry(client, enquiry, of);
  // In this order: what is authorised in between is in the second list.
  const waiting = await findLine(client, of, { listType: 'PENDING', days });
  const line = waiting ?? (await findLine(client, of, { listType: 'SEARCH', days }));
  if (!line) return undefined;
  const coreReference = jsonText(line, 'entryReference');
  if (coreReference === undefined) throw malformed(client.name, 'entryReference');
  const mark = ownFrom(jsonText(line, 'narrative'))?.mark ?? null;
  return { answer: waiting ? pending(coreReference) : completed(coreReference), mark };
}

function completed(coreReference: string): MoveAnswer {
  return { status: 'completed', coreReference, replayed: true };
}

function pending(coreReference: string): MoveAnswer {
  return { status: 'pending_approval', coreReference };
}

/** An enquiry that the bank has published over its orders, for the reference of the debit. */
async function findByEnquiry(
  client: Client,
  path: string,
  { reference, signal }: Search,
): Promise<FoundMove | undefined> {
  const query = { debitReference: reference };
  const { items } = await client.list({ service: 'transfers', path, query, limit: 10, signal });
  const row = items.find((of) => jsonText(of, 'debitReference') === reference);
  if (!row) return undefined;
  const coreReference = jsonText(row, 'fundsTransferId');
  if (coreReference === undefined) throw malformed(client.name, 'fundsTransferId');
  const answer = stateOf(jsonText(row, 'recordStatus') ?? 'LIVE', coreReference);
  const mark = jsonText(row, 'creditReference') ?? null;
  return { answer: answer.status === 'completed' ? completed(coreReference) : answer, mark };
}

type Among = { readonly listType: 'PENDING' | 'SEARCH'; readonly days: number };

/** The debit of a move among the lines of its account, of some days and no more. */
async function findLine(
  client: Client,
  { account, reference, sum, signal }: Search,
  { listType, days }: Among,
): Promise<WireJson | undefined> {
  const { timeZone, now } = client;
  const query = {
    ...{ accountId: account, listType },
    dateFrom: dayIn(timeZone, now() - days * dayMs),
    dateTo: dayIn(timeZone, now() + dayMs),
    ...{ minimumAmount: sum, maximumAmount: sum },
  };
  const list = { service: 'transactions', path: '/holdings/transactions' } as const;
  let after: string | undefined;
  for (let page = 0; page < searchPagesMax; page += 1) {
    const at = after === undefined ? {} : { after };
    const found = await client.list({ ...list, query, limit: searchPage, signal, ...at });
    const line = found.items.find((row) => isDebitOf(row, reference));
    if (line !== undefined || found.next === null) return line;
    after = found.next;
  }
  // Not to have seen it is not to know that it is not there.
  const text = 'more lines than a look-up reads';
  throw coreFault(client.name, { class: 'incomplete', code: 'search_too_wide', text });
}

function isDebitOf(row: WireJson, reference: string): boolean {
  const isNamed =
    ownFrom(jsonText(row, 'narrative'))?.reference === reference ||
    jsonText(row, 'transactionReference') === reference;
  if (!isNamed) return false;
  const currency = jsonText(row, 'currencyId') ?? '';
  return minorUnitsOf(jsonText(row, 'amount'), currency, 'temenos') < 0;
}
