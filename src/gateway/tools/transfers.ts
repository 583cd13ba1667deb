// Tools that move money between accounts: one prepares a transfer, to which the customer agrees at
// the bank; the other carries out what was agreed to, and nothing else.
import { closed, Fault, formatDecimal, isoExponent, plainText, toMinorUnits } from '#core';
import type { Account } from '#cores';
import { paymentStatusPattern } from '../payment-order.ts';
import Type from 'typebox';
import { classKeyword, type Tool, type ToolRun } from '../tool.ts';
import { accountId } from './accounts.ts';
import { operationOf, ownAccount } from './own.ts';

const proposalId = Type.String({ pattern: '^prp_[0-9a-hjkmnp-tv-z]{26}$' });
const confirmation = 'transfers.confirm';

export const prepareTransfer: Tool = {
  name: 'transfers.prepare',
  title: 'Prepare a transfer',
  description:
    'Prepares a transfer from an account of the customer to another account of the bank, and ' +
    'moves nothing. The customer agrees to it at the bank, by the terms that are answered; then ' +
    `${confirmation} carries it out.`,
  ...{ version: 2, owner: 'payments', effect: 'draft', cost: 5 },
  purposes: ['servicing'],
  input: Type.Object(
    {
      from_account_id: accountId,
      to_account_id: accountId,
      amount: Type.Integer({
        ...{ minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        description: 'Minor units: 1234 in EUR is 12.34.',
      }),
      currency: Type.String({ pattern: '^[A-Z]{3}$' }),
      text: Type.Optional(
        Type.Unsafe<string>({
          ...plainText({ minLength: 1, maxLength: 140, description: 'For the payee to read.' }),
          [classKeyword]: 'free_text',
        }),
      ),
    },
    closed,
  ),
  output: Type.Object(
    {
      proposal_id: proposalId,
      terms: Type.String({ description: 'To which the customer agrees.' }),
      waits_for: Type.Enum(['customer', 'officers']),
      expires_at: Type.String(),
    },
    closed,
  ),
  async run(call) {
    const asked = call.arguments as unknown as Asked;
    const from = await ownAccount(call, asked.from_account_id);
    const to = await payee(call, asked);
    await expectFunds(call, asked, [from, to]);
    const { tool: _tool, ...told } = await call.propose({
      ...{ tool: confirmation, arguments: { ...asked }, terms: termsOf(asked) },
      moves: { amount: asked.amount, currency: asked.currency },
    });
    return told;
  },
};

export const confirmTransfer: Tool = {
  name: confirmation,
  title: 'Carry out a prepared transfer',
  description:
    'Carries out a transfer that was prepared, once the customer has agreed to it at the bank. ' +
    'Until then it waits, and so it does where people of the bank have to agree as well. Called ' +
    'again it answers what became of the transfer, which is made once.',
  ...{ version: 1, owner: 'payments', effect: 'financial', cost: 10 },
  purposes: ['servicing'],
  input: Type.Object({ proposal_id: proposalId }, closed),
  output: Type.Object(
    {
      proposal_id: proposalId,
      payment_id: Type.String({ pattern: '^pay_[0-9a-hjkmnp-tv-z]{26}$' }),
      status: Type.String({
        pattern: paymentStatusPattern,
        description:
          'posted; denied; or step_up_required, review and held, where it waits for the customer ' +
          'or for people of the bank to look at the payment itself.',
      }),
    },
    closed,
  ),
  async run(call) {
    return { proposal_id: call.arguments['proposal_id'] as string, ...(await call.carryOut()) };
  },
};

export const withdrawTransfer: Tool = {
  name: 'transfers.withdraw',
  title: 'Withdraw a prepared transfer',
  description:
    'Withdraws a transfer that was prepared and not carried out: nobody has to agree to it any ' +
    'more. One that was rejected or has expired stays as it is.',
  ...{ version: 1, owner: 'payments', effect: 'draft', cost: 1 },
  purposes: ['servicing'],
  input: Type.Object({ proposal_id: proposalId }, closed),
  output: Type.Object({ proposal_id: proposalId, status: Type.Literal('withdrawn') }, closed),
  async run(call) {
    const proposal_id = call.arguments['proposal_id'] as string;
    await call.withdraw(proposal_id);
    return { proposal_id, status: 'withdrawn' };
  },
};

type Asked = {
  readonly from_account_id: string;
  readonly to_account_id: string;
  readonly amount: number;
  readonly currency: string;
  /** A token. */
  readonly text?: string;
};

/** Money goes to accounts that there are; whether they were paid before, policy knows. */
async function payee(call: ToolRun, { from_account_id, to_account_id }: Asked): Promise<Account> {
  if (from_account_id === to_account_id) {
    throw new Fault('conflict', 'the transfer would go to the account from which it comes');
  }
  const read = operationOf(call, 'readAccount');
  const account = await read({ tenant: call.tenant, id: to_account_id });
  if (account && account.parties.length > 0) return account;
  throw new Fault('not_found', 'nobody holds the account to be paid');
}

async function expectFunds(
  call: ToolRun,
  { from_account_id, amount, currency }: Asked,
  accounts: readonly Account[],
): Promise<void> {
  for (const account of accounts) {
    const isOpen = account.status === 'enabled';
    if (!isOpen) throw new Fault('conflict', `${shown(account.account_id)} is not open`);
    if (account.currency === currency) continue;
    throw new Fault('conflict', `${shown(account.account_id)} is not in ${currency}`);
  }
  const read = operationOf(call, 'readBalances');
  const balances = (await read({ tenant: call.tenant, id: from_account_id })) ?? [];
  const available = balances.find(({ type }) => type === 'ITAV');
  const isEnough = available?.credit_debit_indicator === 'CRDT' && available.amount >= amount;
  if (!isEnough) throw new Fault('conflict', 'the account has not so much available');
}

/** In words that a customer reads. */
function termsOf({ from_account_id, to_account_id, amount, currency }: Asked): string {
  const exponent = isoExponent(currency);
  if (exponent === undefined)
    throw new Fault('conflict', `${currency} is no currency of a country`);
  const sum = `${currency} ${formatDecimal(toMinorUnits(amount), exponent)}`;
  return `Transfer ${sum} from ${shown(from_account_id)} to ${shown(to_account_id)}.`;
}

function shown(account: string): string {
  return `the account ending in ${account.slice(-4)}`;
}
