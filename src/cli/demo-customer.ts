// The customer of a demo bank: accounts with two months behind them, payees, and an app for codes.
import { Fault, systemClock, withTx, writeDurably } from '#core';
import { stageList } from '#policy';
import { TOTP, URI } from 'otpauth';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, clientAt } from './client.ts';
import { type Bank, withDatabase } from './installation.ts';
import type { OpenTenant } from './tenants.ts';

/** Read by the server, for demo customers alone: it shows the code that their app would show. */
export type DemoAuthenticator = {
  readonly tenant: string;
  /** The party: a user of which this is the attribute `customer` is the demo's customer. */
  readonly customer: string;
  readonly authenticator_id: string;
  readonly otpauth_uri: string;
};

const fileName = 'demo-authenticators.json';
const currency = 'EUR';
const [historyDays, dayMs, hourMs] = [60, 86_400_000, 3_600_000];

/** What has no name of a person has the name of what it does. */
const firms = {
  employer: { name: 'Employer', mcc: null },
  rent: { name: 'House management', mcc: '6513' },
  power: { name: 'Power company', mcc: '4900' },
  grocer: { name: 'Grocery market', mcc: '5411' },
  cafe: { name: 'Corner café', mcc: '5814' },
  railway: { name: 'Railway', mcc: '4112' },
  streaming: { name: 'Streaming service', mcc: '4899' },
  hotel: { name: 'Lake hotel', mcc: '7011' },
  betting: { name: 'Betting online', mcc: '7995' },
  club: { name: 'Sports club', mcc: null },
} as const;
type Firm = keyof typeof firms;

type Desk = {
  readonly tenant: OpenTenant;
  /** The administrator, who opens and registers, and a system, which posts. */
  readonly clerk: Client;
  readonly system: Client;
};

/** Answers the customer; whatever an earlier run has made is found again. */
export async function settleCustomer(
  bank: Bank,
  tenant: OpenTenant,
  data: string,
): Promise<DemoAuthenticator> {
  const file = join(data, fileName);
  const known = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as readonly DemoAuthenticator[])
    : [];
  const kept = known.find((each) => each.tenant === tenant.id);
  if (kept) return kept;
  const clerk = clientAt(bank.url, tenant.apiKey);
  const desk = { tenant, clerk, system: clientAt(bank.url, tenant.systemKey) };
  const customer = await register(desk, 'customer', { kind: 'person', name: 'The demo customer' });
  const everyday = await openAccount(desk, 'everyday', { party: customer, product: 'Everyday' });
  const savings = await openAccount(desk, 'savings', { party: customer, product: 'Savings' });
  const accounts = await openFirms(bank, desk, data);
  await live(desk, { everyday, savings, accounts });
  const enrolled = await enrol(desk, customer);
  const made = { tenant: tenant.id, customer, ...enrolled };
  writeDurably(file, `${JSON.stringify([...known, made], null, 2)}\n`, 0o600);
  return made;
}

function keyed(name: string): string {
  return `demo/customer/${name}`;
}

// Parties and accounts ----------------------------------------------------------------------------

async function register({ clerk }: Desk, key: string, about: object): Promise<string> {
  const body = { country: 'DE', status: 'customer', since: '2021-03-01', ...about };
  const made = await clerk.post<{ party_id: string }>('/v1/parties', body, keyed(`party/${key}`));
  return made.party_id;
}

const products = {
  Everyday: { code: 'everyday', kind: 'current_account' },
  Savings: { code: 'savings', kind: 'savings_account' },
} as const;

async function openAccount(
  { clerk }: Desk,
  key: string,
  {
    party,
    product,
    type = 'liability',
  }: { party?: string; product?: keyof typeof products; type?: string },
): Promise<string> {
  const bound = party !== undefined && product !== undefined ? 'no_overdraft' : 'none';
  const body = { type, currency, bound, ...(party === undefined ? {} : { holder_id: party }) };
  const opened = await clerk.post<{ id: string }>('/v1/accounts', body, keyed(`account/${key}`));
  if (party !== undefined) {
    const by = product && { product_id: await define(clerk, product) };
    const link = { party_id: party, ...by };
    await clerk.post(`/v1/accounts/${opened.id}/party`, link, keyed(`holder/${key}`));
  }
  return opened.id;
}

async function define(clerk: Client, name: keyof typeof products): Promise<string> {
  const body = { ...products[name], name, currency, status: 'offered' };
  const key = keyed(`product/${name}`);
  return (await clerk.post<{ product_id: string }>('/v1/products', body, key)).product_id;
}

type Accounts = Readonly<Record<Firm, string>>;

/** Whom the customer pays is registered and screened, or every payment would be looked at. */
async function openFirms(bank: Bank, desk: Desk, data: string): Promise<Accounts> {
  await bringList(bank, desk, data);
  const opened: [Firm, string][] = [];
  for (const firm of Object.keys(firms) as Firm[]) {
    const { name, mcc } = firms[firm];
    const category = mcc === null ? {} : { merchant_category: mcc };
    const about = { kind: 'organisation', segment: 'business', name, ...category };
    const party = await register(desk, firm, about);
    const screening = { subject: party, name, entity_type: 'organisation' };
    await desk.clerk.post('/v1/screenings', screening, keyed(`screening/${firm}`));
    opened.push([firm, await openAccount(desk, firm, { party })]);
  }
  return Object.fromEntries(opened) as Accounts;
}

/** Nobody is clean without a list; where the bank has none, one that names nobody stands in. */
async function bringList(bank: Bank, { clerk }: Desk, data: string): Promise<void> {
  const { items } = await clerk.get<{ items: readonly unknown[] }>('/v1/screening-lists');
  if (items.length > 0) return;
  const csv = [
    'id,name,aliases,country,date_of_birth,position,source',
    'example-1,Example Of A Listed Name,,,,Nobody,The demo',
    '',
  ].join('\n');
  const list = { list: 'demo_list', format: 'pep_csv', files: { csv } } as const;
  const stage = (database: NonNullable<Bank['server']>['planes']['database']) =>
    withTx(database.pool('policy'), (tx) => stageList(tx, list));
  const staged = bank.server
    ? await stage(bank.server.planes.database)
    : await withDatabase({ data, logLevel: 'error' }, 'demo', stage);
  const operator = clientAt(bank.url, bank.operatorKey);
  await operator.post('/v1/screening-lists', staged, keyed(`list/${staged.digest}`));
}

// Two months --------------------------------------------------------------------------------------

type Home = { readonly everyday: string; readonly savings: string; readonly accounts: Accounts };

/** One line of the history: it comes every so many days, the last time so many days ago. */
type Habit = {
  readonly to: Firm | 'savings';
  readonly kind: 'card' | 'standing_order' | 'bill' | 'transfer';
  readonly amount: number;
  readonly everyDays: number;
  readonly lastDaysAgo: number;
};

/** Minor units. */
const habits: readonly Habit[] = [
  { to: 'rent', kind: 'standing_order', amount: 89_000, everyDays: 30, lastDaysAgo: 4 },
  { to: 'power', kind: 'bill', amount: 6_450, everyDays: 30, lastDaysAgo: 12 },
  { to: 'savings', kind: 'standing_order', amount: 25_000, everyDays: 30, lastDaysAgo: 3 },
  { to: 'streaming', kind: 'card', amount: 1_299, everyDays: 30, lastDaysAgo: 9 },
  { to: 'club', kind: 'transfer', amount: 3_500, everyDays: 30, lastDaysAgo: 16 },
  { to: 'railway', kind: 'card', amount: 2_790, everyDays: 14, lastDaysAgo: 5 },
  { to: 'grocer', kind: 'card', amount: 5_420, everyDays: 6, lastDaysAgo: 1 },
  { to: 'cafe', kind: 'card', amount: 840, everyDays: 4, lastDaysAgo: 2 },
];
const salary = { amount: 284_000, everyDays: 30, lastDaysAgo: 5 } as const;

/** Plain postings of the past take from no limit of the day; what is still open is a payment. */
async function live(desk: Desk, { everyday, savings, accounts }: Home): Promise<void> {
  const { clerk, system } = desk;
  const cash = await openAccount(desk, 'cash', { type: 'asset' });
  const now = systemClock().now();
  const move = (debit: string, credit: string, amount: number) => ({
    debit_account_id: debit,
    credit_account_id: credit,
    ...{ amount, currency },
  });
  const past = [
    ...timesOf(salary).map((ago) => ({
      ...move(accounts.employer, everyday, salary.amount),
      ...{ ago, metadata: { kind: 'payroll' } },
    })),
    ...habits.flatMap((habit) => {
      const { to, kind } = habit;
      const mcc = to === 'savings' ? null : firms[to].mcc;
      const about = kind === 'card' && mcc !== null ? { kind, mcc } : { kind };
      const payee = to === 'savings' ? savings : accounts[to];
      return timesOf(habit).map((ago, index) => {
        // No two baskets are alike.
        const amount = kind === 'card' ? habit.amount + ((index * 137) % 900) : habit.amount;
        return { ...move(everyday, payee, amount), ago, metadata: about };
      });
    }),
  ].sort((one, other) => other.ago - one.ago);
  const opening = [
    { ...move(cash, everyday, 120_000), metadata: { kind: 'opening' }, ago: historyDays },
    { ...move(cash, savings, 640_000), metadata: { kind: 'opening' }, ago: historyDays },
    { ...move(cash, accounts.employer, 3 * salary.amount), metadata: {}, ago: historyDays },
  ];
  const items = [...opening, ...past].map(({ ago, ...item }, index) => ({
    ...item,
    effective_at: new Date(now - ago * dayMs + (index % 9) * hourMs - 9 * hourMs).toISOString(),
    idempotency_key: keyed(`past/${index}`),
  }));
  // What an earlier run has posted has other instants: it stands.
  if (await hasPast(clerk, everyday)) return;
  await system.post('/v1/transfers', items, keyed('past'));
  await pendingAndDeclined(system, everyday, accounts);
}

function timesOf({ everyDays, lastDaysAgo }: { everyDays: number; lastDaysAgo: number }): number[] {
  const count = Math.floor((historyDays - 1 - lastDaysAgo) / everyDays) + 1;
  return Array.from({ length: count }, (_, index) => lastDaysAgo + index * everyDays);
}

async function hasPast(clerk: Client, account: string): Promise<boolean> {
  const path = `/v1/accounts/${account}/entries?limit=1`;
  return (await clerk.get<{ items: readonly unknown[] }>(path)).items.length > 0;
}

/** A hotel has reserved, and a bet was declined. */
async function pendingAndDeclined(system: Client, everyday: string, accounts: Accounts) {
  const card = { card: 'crd_demo_customer', debtor_account_id: everyday, currency };
  const facts = { screening_status: 'known' };
  for (const [firm, amount, entry_mode] of [
    ['betting', 4_000, 'ecommerce'],
    ['hotel', 21_800, 'chip'],
  ] as const) {
    const merchant = { id: firm, mcc: firms[firm].mcc, country: 'DE' };
    const order = { ...card, merchant, amount, entry_mode, facts };
    const asked = { ...order, creditor_account_id: accounts[firm] };
    await system.post('/v1/card-authorizations', asked, keyed(`card/${firm}`));
  }
}

// The app for codes -------------------------------------------------------------------------------

type Enrolled = { readonly id: string; readonly otpauth_uri?: string };

/** Its secret is shown until a first code confirms it: an earlier run that got so far is over. */
async function enrol({ clerk }: Desk, subject: string) {
  const body = { subject, kind: 'totp' };
  for (let attempt = 1; ; attempt += 1) {
    const key = keyed(`authenticator/${attempt}`);
    const { id, otpauth_uri } = await clerk.post<Enrolled>('/v1/authenticators', body, key);
    if (otpauth_uri === undefined && attempt < attemptsMax) continue;
    const app = URI.parse(otpauth_uri ?? '');
    if (!(app instanceof TOTP)) throw new Fault('input_invalid', 'the demo customer has no app');
    const code = app.generate({ timestamp: systemClock().now() });
    await clerk.post(`/v1/authenticators/${id}/confirm`, { code });
    return { authenticator_id: id, otpauth_uri: otpauth_uri ?? '' };
  }
}

/** Of a customer whose file was lost: a bank holds ten for one, at most. */
const attemptsMax = 9;
