// Loan applications in Mambu: a loan account that is created as an application and goes through
// the states of its approval there.
import type { Keyed, LoanApplication, LoanTerms, Of } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { jsonText, type WireJson } from '../wire.ts';
import { type Client, pathPart } from './client.ts';
import { coreName } from './errors.ts';
import { amountIn, loanOf, required } from './mapping.ts';

/** The id is ours, and unique for ever: a second call finds the first. */
export async function applyForLoan(
  client: Client,
  asked: Keyed & LoanTerms,
): Promise<LoanApplication> {
  const { id: party, key, product, amount, currency, months, signal } = asked;
  const holder = await client.read({ path: `/clients/${pathPart(party)}`, signal });
  if (!holder) throw missing('INVALID_CLIENT_ID');
  const id = `CS${key}`;
  const ordered = await client.order({
    path: '/loans',
    body: {
      ...{ id, accountHolderType: 'CLIENT', accountHolderKey: required(holder, 'encodedKey') },
      ...{ productTypeKey: product, loanAmount: amountIn(amount, currency) },
      currency: { code: currency },
      scheduleSettings: {
        ...{ gracePeriod: 0, repaymentInstallments: months },
        ...{ repaymentPeriodCount: 1, repaymentPeriodUnit: 'MONTHS' },
      },
    },
    ...{ key: `loan ${key}`, signal },
  });
  if (ordered.status === 'unknown') throw noAnswer();
  if (ordered.status === 'done') return requested(client, ordered.json, party);
  if (ordered.failure.class !== 'duplicate') throw coreFault(coreName, ordered.failure);
  const found = await client.read({ path: `/loans/${pathPart(id)}`, signal });
  return requested(client, found, party);
}

/** An application that is only a part is handed in; where that fails, it stays a part. */
async function requested(
  client: Client,
  json: WireJson | undefined,
  party: string,
): Promise<LoanApplication> {
  const id = required(json, 'id');
  if (jsonText(json, 'accountState') !== 'PARTIAL_APPLICATION' || json === undefined) {
    return loanOf(json ?? {}, party);
  }
  const ordered = await client.order({
    path: `/loans/${pathPart(id)}:changeState`,
    body: { action: 'REQUEST_APPROVAL' },
    key: `request ${id}`,
  });
  const isTold = ordered.status === 'done' && jsonText(ordered.json, 'id') === id;
  return loanOf(isTold ? (ordered.json ?? json) : json, party);
}

export async function readLoanApplication(
  client: Client,
  { id, signal }: Of,
): Promise<LoanApplication | undefined> {
  const loan = await client.read({ path: `/loans/${pathPart(id)}`, signal });
  if (!loan) return undefined;
  const key = required(loan, 'accountHolderKey');
  const holder = await client.read({ path: `/clients/${pathPart(key)}`, signal });
  return loanOf(loan, holder ? required(holder, 'id') : key);
}

/** Of what changes something other than money: the same key finds what was done. */
export function noAnswer(cause?: unknown) {
  return coreFault(coreName, { class: 'unavailable', code: 'NO_ANSWER', text: 'no answer' }, cause);
}

export function missing(code: string) {
  return coreFault(coreName, { class: 'missing', code, text: code });
}
