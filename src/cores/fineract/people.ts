// What the core keeps of people beside their money: how they are reached, loans they apply for,
// offers and points in datatables of the bank, and notes.
import type { AdapterOperations, CoreOffer, LoanTerms, OfferTerms } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import {
  dayIn,
  decimalOf,
  jsonList,
  jsonNumber,
  jsonText,
  malformed,
  type WireJson,
} from '../wire.ts';
import { change, type Fineract, name } from './client.ts';
import { contactPointsOf, currencyOf, dayForm, loanOf } from './mapping.ts';
import { addressesOf, productIn } from './reads.ts';

type People = Pick<
  AdapterOperations,
  | ('readContactPoints' | 'changeContactPoint' | 'applyForLoan' | 'readLoanApplication')
  | ('recordOffer' | 'listOffers' | 'recordLoyalty' | 'readLoyalty')
  | ('recordInteraction' | 'recordAiAudit')
>;

/** Under which key the core changes each. */
const contactMembers = { email: 'emailAddress', phone: 'mobileNo' } as const;
const noteMax = 1_000;

export function people(core: Fineract): People {
  const note = async (client: string, key: string, text: string) => {
    const path = `clients/${encodeURIComponent(client)}/notes`;
    return receiptOf(await change(core, { path, key, body: { note: text.slice(0, noteMax) } }));
  };
  return {
    async readContactPoints({ id, signal }) {
      const [client, addresses] = await Promise.all([
        core.ask({ path: `clients/${encodeURIComponent(id)}`, signal }),
        addressesOf(core, id, signal),
      ]);
      return contactPointsOf(client, addresses);
    },
    async changeContactPoint({ id, key, kind, value, signal }) {
      if (kind === 'postal_address') throw refusal('postal_address', 'addresses are kept in parts');
      const path = `clients/${encodeURIComponent(id)}`;
      const body = { [contactMembers[kind]]: value };
      await change(core, { method: 'PUT', path, key, body, signal });
    },
    applyForLoan: async (asked) => {
      const loan = await change(core, {
        ...{ path: 'loans', key: asked.key, signal: asked.signal },
        body: await loanBody(core, asked),
      });
      return { ...termsOf(asked), id: idOf(loan), party: asked.id, status: 'received' };
    },
    async readLoanApplication({ id, signal }) {
      const loan = await core.find({ path: `loans/${encodeURIComponent(id)}`, signal });
      return loan === undefined ? undefined : loanOf(loan);
    },
    ...datatables(core),
    recordInteraction: async ({ id, key, channel, direction, summary }) =>
      note(id, key, `${direction} by ${channel}: ${summary}`),
    recordAiAudit: async ({ id, key, what, decision, by }) =>
      note(id, key, `${what}: ${decision}, by ${by}`),
  };
}

function refusal(code: string, text: string) {
  return coreFault(name, { class: 'refused', code, text });
}

function idOf(json: WireJson): string {
  const id = jsonText(json, 'resourceId');
  if (id === undefined) throw malformed(name, 'a resourceId');
  return id;
}

function receiptOf(json: WireJson) {
  return { id: idOf(json) };
}

// Loans -------------------------------------------------------------------------------------------

type Applied = LoanTerms & {
  readonly id: string;
  readonly key: string;
  readonly signal?: AbortSignal;
};

function termsOf({ product, months, amount, currency }: Applied): LoanTerms {
  return { product, months, amount, currency };
}

/** What the product says stands in the application too: the core fills in nothing by itself. */
async function loanBody(core: Fineract, asked: Applied): Promise<unknown> {
  const { id, key, product, months, amount, currency, signal } = asked;
  const named = productIn(product);
  if (named?.kind !== 'loan') throw refusal('product', 'no product by which loans are given');
  const terms = await core.ask({ path: `loanproducts/${named.number}`, signal });
  if (currencyOf(terms) !== currency) throw refusal('currency', 'the product has another one');
  const { timeZone = 'UTC', now } = core.options;
  const today = dayIn(timeZone, now());
  const digits = (...path: readonly string[]) => {
    const text = jsonText(terms, ...path);
    if (text === undefined || !/^\d/.test(text)) throw malformed(name, path.join('.'));
    return jsonNumber(text);
  };
  return {
    ...{ clientId: Number(id), productId: Number(named.number), loanType: 'individual' },
    ...{ principal: jsonNumber(decimalOf(amount, currency)), externalId: key },
    // 2: months.
    ...{ loanTermFrequency: months, loanTermFrequencyType: 2 },
    ...{ numberOfRepayments: months, repaymentEvery: 1, repaymentFrequencyType: 2 },
    interestRatePerPeriod: digits('interestRatePerPeriod'),
    interestType: digits('interestType', 'id'),
    amortizationType: digits('amortizationType', 'id'),
    interestCalculationPeriodType: digits('interestCalculationPeriodType', 'id'),
    transactionProcessingStrategyCode: jsonText(terms, 'transactionProcessingStrategyCode'),
    ...{ submittedOnDate: today, expectedDisbursementDate: today, ...dayForm },
  };
}

// Datatables --------------------------------------------------------------------------------------

const usualTables = { offers: 'countersign_offer', loyalty: 'countersign_loyalty' };

/** Two tables on clients that the bank registers: the README names their columns. */
function datatables(
  core: Fineract,
): Pick<People, 'recordOffer' | 'listOffers' | 'recordLoyalty' | 'readLoyalty'> {
  const { settings = {} } = core.options;
  const offers = settings['offer_table'] ?? usualTables.offers;
  const loyalty = settings['loyalty_table'] ?? usualTables.loyalty;
  const pathOf = (table: string, client: string) =>
    `datatables/${encodeURIComponent(table)}/${encodeURIComponent(client)}`;
  return {
    async recordOffer({ id, key, product, code, status, validFrom, signal }) {
      const row = { reference: key, product, code, status, valid_from: validFrom };
      const path = pathOf(offers, id);
      return receiptOf(await change(core, { path, key, body: { ...row, ...dayForm }, signal }));
    },
    async listOffers({ id, limit, after, signal }) {
      const rows = jsonList(await core.ask({ path: pathOf(offers, id), signal }));
      const all = rows.map(offerOf);
      const start = after === undefined ? 0 : Number(after);
      const isLast = start + limit >= all.length;
      const items = all.slice(start, start + limit);
      return { items, next: isLast ? null : String(start + limit) };
    },
    async recordLoyalty({ id, key, points, tier, signal }) {
      const path = pathOf(loyalty, id);
      const isNew = jsonList(await core.ask({ path, signal })).length === 0;
      const body = { points: String(points), tier, ...dayForm };
      const method = isNew ? 'POST' : 'PUT';
      return receiptOf(await change(core, { method, path, key, body, signal }));
    },
    async readLoyalty({ id, signal }) {
      const [row] = jsonList(await core.ask({ path: pathOf(loyalty, id), signal }));
      if (row === undefined) return undefined;
      const [points, tier] = [Number(jsonText(row, 'points')), jsonText(row, 'tier')];
      if (!Number.isSafeInteger(points) || tier === undefined) throw malformed(name, 'points');
      return { points, tier };
    },
  };
}

const offerStates = ['offered', 'accepted', 'declined', 'expired'] as const;

function offerOf(row: WireJson): CoreOffer {
  const text = (column: string) => jsonText(row, column) ?? '';
  const status: OfferTerms['status'] | undefined = offerStates.find(
    (each) => each === text('status'),
  );
  if (status === undefined) throw malformed(name, 'the status of an offer');
  const [product, code] = [text('product'), text('code')];
  return { id: text('id'), product, code, status, validFrom: text('valid_from').slice(0, 10) };
}
