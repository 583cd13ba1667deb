// Holds of FLEXCUBE: amount blocks, whose number is the reference of ours. They are placed, added
// to and closed; no operation posts against one, so that none is captured.
import { type Xml, xmlText } from '#core';
import type { CoreHold, FoundMove, HoldChange, HoldOrder, LookUp, MoveAnswer } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { dayIn, instantIn } from '../wire.ts';
import { type Client, core, type Reply } from './client.ts';
import { failureOf, refusalOf } from './errors.ts';
import { amountIn, decimalText, neededKey, remark, remarkWords } from './mapping.ts';
import { answerOf, earlier } from './moves.ts';
import type { Bank } from './settings.ts';

export async function placeHold(client: Client, bank: Bank, order: HoldOrder): Promise<MoveAnswer> {
  const { reference, account, mark, amount, currency, expiresAt, signal } = order;
  const record = {
    ...keyOf(account, reference),
    AMT: decimalText(amount, currency),
    EFFDATE: dayIn(bank.timeZone, bank.now()),
    EXPDATE: expiresAt === undefined ? undefined : dayIn(bank.timeZone, Date.parse(expiresAt)),
    REM: remark(mark),
  };
  const reply = await client.order({ operation: 'AmountBlocksNew', record, signal });
  const answer = blockAnswer(reply, bank);
  if (answer !== 'duplicate') return answer;
  return earlier(findHold(client, { reference, account, signal }), mark);
}

/**
 * Writes the new sum over the old one, with the number of the version that was read: where somebody
 * else was faster, the block is read once more.
 */
export async function increaseHold(
  client: Client,
  bank: Bank,
  order: HoldChange & { readonly amount: number },
): Promise<MoveAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    const block = await queryBlock(client, order);
    if (block === undefined) return gone('hold_not_found');
    const [first = '', last, mark] = remarkWords(xmlText(block, 'REM'));
    if (last === order.reference) return found(block, mark === order.mark);
    if (xmlText(block, 'RECSTAT') === 'C') return gone('hold_voided');
    const before = amountIn(block, 'AMT', order.currency);
    const record = {
      ...keyOf(order.account, order.hold),
      AMT: decimalText(before + order.amount, order.currency),
      EFFDATE: xmlText(block, 'EFFDATE'),
      EXPDATE: xmlText(block, 'EXPDATE'),
      REM: remark(first, order.reference, order.mark),
      MODNO: xmlText(block, 'MODNO'),
    };
    const { signal } = order;
    const reply = await client.order({ operation: 'AmountBlocksModify', record, signal });
    const isStale =
      reply?.status === 'FAILURE' && failureOf(reply.errors, bank.errors).class === 'stale';
    if (isStale && attempt === 0) continue;
    const answer = blockAnswer(reply, bank);
    return answer === 'duplicate' ? { status: 'unknown' } : answer;
  }
}

export async function releaseHold(
  client: Client,
  bank: Bank,
  { hold, account, signal }: HoldChange,
): Promise<MoveAnswer> {
  const record = keyOf(account, hold);
  const reply = await client.order({ operation: 'AmountBlocksClose', record, signal });
  const answer = blockAnswer(reply, bank);
  return answer === 'duplicate' ? { status: 'unknown' } : answer;
}

/** By the account, because a block has no currency of its own. */
export async function readHold(
  client: Client,
  bank: Bank,
  of: { readonly id: string; readonly account: string; readonly signal?: AbortSignal },
): Promise<CoreHold | undefined> {
  const { branch, number } = neededKey(of.account);
  const { signal } = of;
  const [block, account] = await Promise.all([
    queryBlock(client, { hold: of.id, account: of.account, signal }),
    client.read({ operation: 'QueryCustAcc', record: { BRN: branch, ACC: number }, signal }),
  ]);
  const currency = xmlText(account, 'CCY');
  if (block === undefined || currency === undefined) return undefined;
  const amount = amountIn(block, 'AMT', currency);
  const expiry = endOf(xmlText(block, 'EXPDATE'), bank);
  const isClosed = xmlText(block, 'RECSTAT') === 'C';
  const isExpired = !isClosed && expiry !== null && Date.parse(expiry) <= bank.now();
  return {
    ...{ reference: of.id, account: of.account, currency, amount, captured: 0 },
    released: isClosed || isExpired ? amount : 0,
    status: isClosed ? 'voided' : isExpired ? 'expired' : 'open',
    expires_at: expiry,
  };
}

// Look-ups ----------------------------------------------------------------------------------------

type Sought = Pick<LookUp, 'reference' | 'account' | 'hold'> & {
  readonly signal?: AbortSignal | undefined;
};

/** Of a hold, or with `hold` of what was added to it: the block names the last addition. */
export async function findHold(client: Client, of: Sought): Promise<FoundMove | undefined> {
  const { reference, hold = reference } = of;
  const block = await queryBlock(client, { ...of, hold });
  if (block === undefined) return undefined;
  const [first, last, mark] = remarkWords(xmlText(block, 'REM'));
  if (hold === reference) return { answer: standing(block), mark: first ?? null };
  return last === reference ? { answer: standing(block), mark: mark ?? null } : undefined;
}

/** A block that is closed was released: by whom, it does not keep. */
export async function findRelease(client: Client, of: Sought): Promise<FoundMove | undefined> {
  const block =
    of.hold === undefined ? undefined : await queryBlock(client, { ...of, hold: of.hold });
  const isClosed = xmlText(block, 'RECSTAT') === 'C';
  return block !== undefined && isClosed ? { answer: standing(block), mark: null } : undefined;
}

function queryBlock(
  client: Client,
  {
    account,
    hold,
    signal,
  }: { readonly account: string; readonly hold: string; readonly signal?: AbortSignal | undefined },
): Promise<Xml | undefined> {
  return client.read({ operation: 'AmountBlocksQuery', record: keyOf(account, hold), signal });
}

// Words -------------------------------------------------------------------------------------------

function keyOf(account: string, block: string) {
  const { branch, number } = neededKey(account);
  return { BRANCH: branch, ACC: number, AMTBLKNO: block };
}

function blockNumber(record: Xml | undefined): string | undefined {
  return xmlText(record, 'AMTBLKNO');
}

function blockAnswer(reply: Reply | undefined, bank: Bank): MoveAnswer | 'duplicate' {
  return answerOf(
    reply,
    (errors) => refusalOf(errors, bank.errors, { missing: 'hold_not_found' }),
    blockNumber,
  );
}

function standing(block: Xml): MoveAnswer {
  const coreReference = blockNumber(block);
  if (coreReference === undefined) return { status: 'unknown' };
  if (xmlText(block, 'AUTHSTAT') === 'U') return { status: 'pending_approval', coreReference };
  return { status: 'completed', coreReference, replayed: false };
}

function found(block: Xml, isOurs: boolean): MoveAnswer {
  const answer = standing(block);
  if (!isOurs) return { status: 'unknown' };
  return answer.status === 'completed' ? { ...answer, replayed: true } : answer;
}

function gone(code: 'hold_not_found' | 'hold_voided'): MoveAnswer {
  return { status: 'rejected', code, coreReason: 'the block is not open' };
}

/** It holds through its last day: it is over when the next one begins there. */
function endOf(day: string | undefined, { timeZone }: Bank): string | null {
  if (day === undefined) return null;
  const next = Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + 24 * 60 * 60 * 1_000;
  if (Number.isNaN(next)) throw coreFault(core, { class: 'malformed', code: 'EXPDATE', text: '' });
  return instantIn(timeZone, dayIn('UTC', next)) ?? null;
}
