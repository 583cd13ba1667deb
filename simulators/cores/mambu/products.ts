// What a simulated Mambu sells: a few deposit and loan products, as its tenant has set them up.
import type { SimAnswer, SimRequest } from '../simulator.ts';
import { keyOf, type State } from './state.ts';
import { answer, refusal } from './wire.ts';
import { paged } from './pages.ts';

type Product = { readonly id: string; readonly name: string; readonly type: string };

const deposits: readonly Product[] = [
  { id: 'CURRENT', name: 'Current account', type: 'CURRENT_ACCOUNT' },
  { id: 'SAVINGS', name: 'Savings account', type: 'REGULAR_SAVINGS' },
  { id: 'TERM12', name: 'Fixed deposit, a year', type: 'FIXED_DEPOSIT' },
];
const loans: readonly Product[] = [
  { id: 'CONSUMER', name: 'Consumer loan', type: 'FIXED_TERM_LOAN' },
  { id: 'DYNAMIC', name: 'Dynamic loan', type: 'DYNAMIC_TERM_LOAN' },
];
export const currencies = ['EUR', 'USD', 'GBP', 'JPY', 'KWD'] as const;
/** Loans are given in one currency. */
export const loanCurrency = 'EUR';

export function loanProductAt(named: string): Product | undefined {
  return loans.find(({ id }) => id === named || keyOf('product', id) === named);
}

export function products(
  state: State,
  request: SimRequest,
  of: 'depositproducts' | 'loanproducts',
  named?: string,
): SimAnswer {
  const [all, view] =
    of === 'loanproducts'
      ? ([loans, loanProductView] as const)
      : ([deposits, depositView] as const);
  if (named === undefined) return paged(request, all, (product) => view(state, product));
  const found = all.find(({ id }) => id === named || keyOf('product', id) === named);
  return found ? answer(200, view(state, found)) : refusal(404, 'INVALID_PRODUCT_ID');
}

function common(_state: State, { id, name, type }: Product) {
  return { encodedKey: keyOf('product', id), id, name, type, state: 'ACTIVE' };
}

function depositView(state: State, product: Product) {
  return {
    ...common(state, product),
    ...{ category: 'DAILY_BANKING_ACCOUNTS', accountingSettings: { accountingMethod: 'NONE' } },
    newAccountSettings: { idGeneratorType: 'RANDOM_PATTERN', idPattern: '@@@@####' },
    currencySettings: { currencies: currencies.map((code) => ({ code })) },
  };
}

function loanProductView(state: State, product: Product) {
  return {
    ...common(state, product),
    ...{ category: 'PERSONAL_LENDING', currency: { code: loanCurrency } },
    creditArrangementSettings: { creditArrangementRequirement: 'OPTIONAL' },
  };
}
