// Loans: the core has no application, it opens the account of the loan at once.
import { xmlAll, xmlAt } from '#core';
import type { AdapterOperations, LoanApplication } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import type { Client } from './client.ts';
import { coreName, faultOf } from './errors.ts';
import { amountInput, moneyIn, must, text } from './mapping.ts';
import type { Turns } from '../turns.ts';
import { uuidOf } from './orders.ts';
import { accountsOf } from './parties.ts';

type Loans = Pick<AdapterOperations, 'applyForLoan' | 'readLoanApplication'>;

/** As much of the key as the short name of an account has room for. */
const shortNameMax = 10;

/** None where the bank has not said that its core takes names for new accounts. */
export function loansOf(client: Client, inTurn: Turns): Loans {
  if (!client.settings.hasLoans) return {};
  return {
    applyForLoan: ({ id, key, product, amount, currency, months, signal }) =>
      inTurn(key, async () => {
        const shortName = key.slice(0, shortNameMax);
        const listed = await accountsOf(client, id, signal);
        const before = listed.find((each) => each.shortName === shortName);
        if (before) return found(await readLoan(client, before.account.id, signal));
        const ordered = await client.order('LoanAcctAdd', uuidOf(key), {
          LoanAcctAddRq: {
            CustId: { CustId: id },
            LoanAcctId: {
              AcctType: { SchmCode: product },
              AcctCurr: currency,
              BankInfo: { BranchId: client.settings.branchOf('') },
            },
            LoanAcctGenInfo: { AcctName: `LOAN ${key}`, AcctShortName: shortName },
            LoanGenDetails: {
              ...{ LoanPeriodMonths: String(months), LoanPeriodDays: '0', RePmtMethod: 'N' },
              LoanAmt: amountInput(amount, currency),
            },
          },
        });
        if (ordered === undefined) throw unanswered();
        if ('refused' in ordered) throw faultOf(ordered.refused);
        const account = text(xmlAt(ordered.body, 'LoanAcctAddRs'), 'AcctId', 'AcctId');
        if (account === undefined) throw unanswered();
        const terms = { product, amount, currency, months };
        return { id: account, party: id, ...terms, status: 'approved' };
      }),
    readLoanApplication: ({ id, signal }) => readLoan(client, id, signal),
  };
}

/** Asked again under its key, the account is found by its name. */
function unanswered() {
  const words = { code: 'LoanAcctAdd', text: 'no answer to an order' };
  return coreFault(coreName, { class: 'unavailable', ...words });
}

async function readLoan(
  { ask }: Client,
  id: string,
  signal?: AbortSignal,
): Promise<LoanApplication | undefined> {
  const request = { LoanAcctInqRq: { LoanAcctId: { AcctId: id } } };
  const told = await ask('LoanAcctInq', request, signal);
  const found = xmlAt(told?.body, 'LoanAcctInqRs');
  if (found === undefined) return undefined;
  const main = xmlAll(found, 'RelPartyRec').find((each) => text(each, 'RelPartyType') === 'M');
  const party = text(found, 'CustId', 'CustId') ?? text(main, 'CustId', 'CustId');
  const months = text(found, 'LoanGenDetails', 'LoanPeriodMonths');
  return {
    ...{ id, party: must(party, 'the holder of a loan'), status: 'approved' },
    product: must(text(found, 'LoanAcctId', 'AcctType', 'SchmCode'), 'the scheme of a loan'),
    ...moneyIn(found, 'LoanGenDetails', 'LoanAmt'),
    months: Number(must(months, 'the period of a loan')),
  };
}

function found(loan: LoanApplication | undefined): LoanApplication {
  if (loan) return loan;
  const words = { code: 'LoanAcctInq', text: 'a listed loan is not there' };
  throw coreFault(coreName, { class: 'malformed', ...words });
}
