// Products and the general ledger of a simulated Fineract.
import type { Bank } from './bank.ts';
import { loanProduct } from './people.ts';
import { amountOf, currencyOf } from './words.ts';

export const savingsProducts = ['EUR', 'JPY', 'KWD'].map((code, at) => ({
  ...{ id: at === 0 ? 1 : at + 2, name: `Current account ${code}`, shortName: `CA${at + 1}` },
  ...{
    description: 'Current account',
    currency: currencyOf(code),
    nominalAnnualInterestRate: 0.25,
  },
}));

export const loanProducts = [
  {
    ...{ id: loanProduct.id, name: 'Personal loan', shortName: 'PL', currency: currencyOf('EUR') },
    ...{ interestRatePerPeriod: loanProduct.ratePerPeriod, numberOfRepayments: 24 },
    interestRateFrequencyType: { id: 2, code: 'interestRateFrequency.periodFrequencyType.months' },
    ...{ interestType: { id: 1 }, amortizationType: { id: 1 }, repaymentEvery: 1 },
    ...{ repaymentFrequencyType: { id: 2 }, interestCalculationPeriodType: { id: 1 } },
    ...{ transactionProcessingStrategyCode: 'mifos-standard-strategy' },
    status: 'loanProduct.active',
  },
];

/** What the bank owes to its savers, and what stands against it. */
export function glAccounts({ book }: Bank) {
  const owed = [...book.accounts.values()]
    .filter(({ currency }) => currency === 'EUR')
    .reduce((sum, { booked }) => sum + booked, 0);
  const common = { disabled: false, manualEntriesAllowed: true };
  const balance = { organizationRunningBalance: amountOf(owed, 'EUR') };
  return [
    {
      ...{ id: 1, glCode: '10000', name: 'Cash', ...common, ...balance },
      type: { id: 1, code: 'accountType.asset', value: 'ASSET' },
    },
    {
      ...{ id: 2, glCode: '20000', name: 'Savings control', ...common, ...balance },
      type: { id: 2, code: 'accountType.liability', value: 'LIABILITY' },
    },
  ];
}
