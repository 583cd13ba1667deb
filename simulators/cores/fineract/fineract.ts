// A simulated Apache Fineract: its REST over a book, as its OpenAPI and its source describe it.
import { listenTo } from '../book.ts';
import type { SimAnswer, SimRequest, Vendor, VendorServer } from '../simulator.ts';
import { type Bank, holdOf, moveOfTransfer, nextId, openBank } from './bank.ts';
import { command, isRefused, refreshWaiting } from './commands.ts';
import { redeliver } from './hooks.ts';
import * as money from './money.ts';
import * as people from './people.ts';
import { glAccounts, loanProducts, savingsProducts } from './products.ts';
import * as views from './views.ts';
import { dayFrom, dayOf, failed, missing, ok, pageOf, type Refused } from './words.ts';

const root = '/fineract-provider/api/v1/';
const credentials = { username: 'mifos', password: 'password', hook_secret: 'a-hook-secret' };

export const fineract: Vendor = {
  name: 'fineract',
  credentials,
  settings: { tenant: 'default', maker_checker: 'on', ledger_currency: 'EUR' },
  ids: {
    account: (number) => String(1_000_000 + number),
    party: (number) => String(26 + number),
    product: '1',
  },
  open: (book, { push }) => serve(openBank(book, push)),
};

function serve(bank: Bank): VendorServer {
  listenTo(bank.book, () => refreshWaiting(bank));
  return {
    handle: async (request) => {
      try {
        const refused = refusalOf(request);
        if (refused) return refused.refused;
        refreshWaiting(bank);
        return await routed(bank, { ...request, path: request.path.slice(root.length) });
      } catch (error) {
        if (isRefused(error)) return error.refused;
        throw error;
      }
    },
    failure: (kind) =>
      kind === 'limited'
        ? { status: 429, headers: { 'retry-after': '1' }, body: '{"message":"rate limited"}' }
        : { status: 503, body: '<html>Service Unavailable</html>' },
    redeliver: () => redeliver(bank),
    subscribe: ({ url, secret }) => {
      const events = subscribed.map(([entityName, actionName]) => ({ entityName, actionName }));
      bank.hooks.push({
        id: nextId(bank),
        url: `${url}?secret=${encodeURIComponent(secret)}`,
        events,
      });
    },
  };
}

const subscribed = [
  ['ACCOUNTTRANSFER', 'CREATE'],
  ['SAVINGSACCOUNT', 'HOLDAMOUNT'],
  ['SAVINGSACCOUNT', 'RELEASEAMOUNT'],
  ['CLIENT', 'UPDATE'],
  ['LOAN', 'CREATE'],
  ['LOAN', 'APPROVE'],
] as const;

/** Who calls, for which tenant, in which form. */
function refusalOf({ path, headers, method, body }: SimRequest): Refused | undefined {
  const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  if (headers['authorization'] !== `Basic ${basic}`) {
    return failed(401, 'error.msg.not.authenticated');
  }
  if (headers['fineract-platform-tenantid'] !== 'default') {
    return failed(400, 'error.msg.invalid.tenant.identifier');
  }
  // Nothing of Fineract: what stands before it says so.
  if (!path.startsWith(root)) return { refused: { status: 404, body: '<html>404</html>' } };
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  return method !== 'GET' && body !== '' && !isJson
    ? failed(415, 'error.msg.unsupported.media.type')
    : undefined;
}

// Routes ------------------------------------------------------------------------------------------

type Route = (bank: Bank, request: SimRequest, ids: readonly string[]) => Awaitable;
type Awaitable = SimAnswer | Promise<SimAnswer>;

const routes: readonly (readonly [string, Route])[] = [
  ['GET clients', (bank, { query }) => ok(clientPage(bank, query))],
  [
    'GET clients/:',
    (bank, _, [id = '']) => ok(views.clientView(people.clientOf(bank, id), bank.book)),
  ],
  [
    'GET client/:/addresses',
    (bank, _, [id = '']) => ok([views.addressView(people.clientOf(bank, id))]),
  ],
  [
    'PUT clients/:',
    (bank, request, [id = '']) =>
      command(bank, request, { action: 'UPDATE', entity: 'CLIENT', clientId: Number(id) }, (text) =>
        people.updateClient(bank, id, text),
      ),
  ],
  ['GET clients/:/accounts', (bank, _, [id = '']) => ok(accountsOf(bank, id))],
  [
    'GET savingsaccounts/:',
    (bank, _, [id = '']) => ok(views.accountView(money.accountOf(bank, id), bank.book)),
  ],
  [
    'GET savingsaccounts/:/transactions/search',
    (bank, { query }, [id = '']) => ok(transactionPage(bank, id, query)),
  ],
  [
    'GET savingsaccounts/:/transactions/:',
    (bank, _, [id = '', of = '']) => transaction(bank, id, of),
  ],
  [
    'POST savingsaccounts/:/transactions',
    (bank, request, [id = '']) =>
      request.query.get('command') === 'holdAmount'
        ? command(bank, request, money.holding(Number(id)), (text) =>
            money.makeHold(bank, id, text),
          )
        : failed(400, 'error.msg.unknown.command').refused,
  ],
  [
    'POST savingsaccounts/:/transactions/:',
    (bank, request, [id = '', of = '']) =>
      request.query.get('command') === 'releaseAmount'
        ? command(bank, request, money.releasing(Number(id)), () =>
            money.makeRelease(bank, id, Number(of)),
          )
        : failed(400, 'error.msg.unknown.command').refused,
  ],
  [
    'POST accounttransfers',
    (bank, request) =>
      command(bank, request, money.transferring, (text) =>
        money.makeTransfer(bank, text, request.headers['idempotency-key'] ?? ''),
      ),
  ],
  ['GET accounttransfers/:', (bank, _, [id = '']) => transferOf(bank, id)],
  ['GET audits', (bank, { query }) => ok(auditPage(bank, query))],
  ['GET makercheckers', (bank, { query }) => ok(waiting(bank, query))],
  ['POST makercheckers/:', (bank, request, [id = '']) => money.check(bank, request, Number(id))],
  [
    'POST loans',
    (bank, request) =>
      request.query.get('command') === 'calculateLoanSchedule'
        ? ok(people.schedule(bank, request.body))
        : command(bank, request, { action: 'CREATE', entity: 'LOAN' }, (text) =>
            people.submitLoan(bank, text),
          ),
  ],
  [
    'POST loans/:',
    (bank, request, [id = '']) => {
      const what = request.query.get('command') ?? '';
      const action = what === 'withdrawnByApplicant' ? 'WITHDRAW' : what.toUpperCase();
      return command(bank, request, { action, entity: 'LOAN' }, (text) =>
        people.changeLoan(bank, id, what, text),
      );
    },
  ],
  [
    'GET loans/external-id/:',
    (bank, _, [id = '']) => ok(views.loanView(people.loanOfExternal(bank, id), bank.book)),
  ],
  ['GET loans/:', (bank, _, [id = '']) => ok(views.loanView(people.loanOf(bank, id), bank.book))],
  [
    'GET clients/:/notes',
    (bank, _, [id = '']) =>
      ok(bank.notes.filter(({ clientId }) => String(clientId) === id).toReversed()),
  ],
  [
    'POST clients/:/notes',
    (bank, request, [id = '']) =>
      command(bank, request, { action: 'CREATE', entity: 'CLIENTNOTE' }, (text) =>
        people.addNote(bank, id, text),
      ),
  ],
  ['GET datatables/:/:', (bank, _, [table = '', id = '']) => ok(people.rowsOf(bank, table, id))],
  [
    'POST datatables/:/:',
    (bank, request, [table = '', id = '']) =>
      command(bank, request, { action: 'CREATE', entity: table }, (text) =>
        people.writeRow(bank, { table, id, isNew: true }, text),
      ),
  ],
  [
    'PUT datatables/:/:',
    (bank, request, [table = '', id = '']) =>
      command(bank, request, { action: 'UPDATE', entity: table }, (text) =>
        people.writeRow(bank, { table, id, isNew: false }, text),
      ),
  ],
  ['GET savingsproducts', () => ok(savingsProducts)],
  ['GET savingsproducts/:', (_bank, _, [id = '']) => productIn(savingsProducts, id)],
  ['GET loanproducts', () => ok(loanProducts)],
  ['GET loanproducts/:', (_bank, _, [id = '']) => productIn(loanProducts, id)],
  ['GET glaccounts', (bank) => ok(glAccounts(bank))],
  ['GET hooks', (bank) => ok(bank.hooks.map(({ id, url }) => ({ id, name: 'Web', url })))],
];

const table = routes.map(([pattern, route]) => {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, parts: path.split('/'), route };
});

function routed(bank: Bank, request: SimRequest): Awaitable {
  const parts = request.path.split('/').map(decodeURIComponent);
  for (const { method, parts: wanted, route } of table) {
    if (method !== request.method || wanted.length !== parts.length) continue;
    if (!wanted.every((part, at) => part === ':' || part === parts[at])) continue;
    return route(
      bank,
      request,
      parts.filter((_, at) => wanted[at] === ':'),
    );
  }
  throw failed(404, 'error.msg.resource.not.found');
}

// Reading -----------------------------------------------------------------------------------------

function clientPage({ book }: Bank, query: URLSearchParams) {
  const all = [...book.parties.values()].map((party) => views.clientView(party, book));
  const { total, items } = pageOf(
    all.sort((a, b) => a.id - b.id),
    query,
  );
  return { totalFilteredRecords: total, pageItems: items };
}

function accountsOf(bank: Bank, id: string) {
  const party = people.clientOf(bank, id);
  const own = [...bank.book.accounts.values()].filter((account) => account.party === party.id);
  return { savingsAccounts: own.map(views.accountListView), loanAccounts: [] };
}

function transactionPage(bank: Bank, id: string, query: URLSearchParams) {
  const account = money.accountOf(bank, id);
  const since = query.get('fromSubmittedDate');
  const day = since === null ? '' : dayFrom(since, query.get('dateFormat'));
  if (day === undefined) throw failed(400, 'validation.msg.invalid.date.format');
  const all = views.transactionsOf(bank, account).filter(({ at }) => dayOf(at) >= day);
  const { total, items } = pageOf(query.get('sortOrder') === 'DESC' ? all.reverse() : all, query);
  return { total, content: items.map(({ view }) => view()) };
}

function transaction(bank: Bank, id: string, of: string): SimAnswer {
  const account = money.accountOf(bank, id);
  const hold = holdOf(bank.book, Number(of));
  if (hold?.account === id) return ok(views.holdView(bank, account, hold));
  const found = views.transactionsOf(bank, account).find((each) => String(each.id) === of);
  if (found) return ok(found.view());
  throw missing('error.msg.saving.account.trasaction.id.invalid', 'Transaction does not exist');
}

function transferOf(bank: Bank, id: string): SimAnswer {
  const move = moveOfTransfer(bank.book, Number(id));
  if (move?.status === 'booked') return ok(views.transferView(move, bank.book));
  throw missing('error.msg.accounttransfer.id.invalid', 'Transfer does not exist');
}

function auditPage(bank: Bank, query: URLSearchParams) {
  const wants = (name: string, value: string | number | null) =>
    !query.has(name) || query.get(name) === String(value);
  const since = Date.parse(`${(query.get('makerDateTimeFrom') ?? '').replace(' ', 'T')}Z`);
  const results = { '1': 'processed', '2': 'awaiting.approval', '3': 'rejected', '5': 'error' };
  const result = results[query.get('processingResult') as keyof typeof results] as
    | string
    | undefined;
  const found = bank.commands.filter(
    (row) =>
      wants('actionName', row.action) &&
      wants('entityName', row.entity) &&
      wants('savingsAccountId', row.savingsId) &&
      (result === undefined || row.result === result) &&
      (Number.isNaN(since) || row.madeAt >= since),
  );
  const sorted = query.get('sortOrder') === 'ASC' ? found : found.toReversed();
  const { total, items } = pageOf(sorted, query);
  const isWithJson = query.get('includeJson') === 'true';
  const pageItems = items.map((row) => views.commandView(row, isWithJson));
  return query.get('paged') === 'true' ? { totalFilteredRecords: total, pageItems } : pageItems;
}

function waiting(bank: Bank, query: URLSearchParams) {
  const found = [...bank.waiting].filter(({ entity }) =>
    [null, entity].includes(query.get('entityName')),
  );
  return found
    .toReversed()
    .map((row) => views.commandView(row, query.get('includeJson') === 'true'));
}

function productIn(among: readonly { readonly id: number }[], id: string): SimAnswer {
  const found = among.find((product) => String(product.id) === id);
  if (found) return ok(found);
  throw missing('error.msg.product.id.invalid', 'Product does not exist');
}
