// The adapter of Oracle FLEXCUBE, through the SOAP services of its gateway.
import type { Adapter, AdapterOperations, AdapterOptions, LookUp } from '../adapter.ts';
import { findHold, findRelease, increaseHold, placeHold, readHold, releaseHold } from './blocks.ts';
import { type Client, core, openClient } from './client.ts';
import { changeContactPoint, listAccounts, queryCustomer, readAccount } from './customers.ts';
import { eventsOf } from './events.ts';
import { applyForLoan, readLoan } from './loans.ts';
import { accountKey, balancesOf, contactPointsOf, partyOf } from './mapping.ts';
import { findReversal, findTransfer, reverse, transfer } from './moves.ts';
import { type Bank, bankOf } from './settings.ts';

/** Throws `input_invalid` where a setting or credential is missing. */
export function openFlexcube(options: AdapterOptions): Adapter {
  const bank = bankOf(options);
  const client = openClient(options, bank);
  const events = eventsOf(bank);
  return {
    name: core,
    operations: {
      ...readings(client, bank),
      ...movings(client, bank),
      ...(bank.givesLoans ? loans(client, bank) : {}),
      changeContactPoint: (change) => changeContactPoint(client, bank, change),
    },
    ...(events ? { events } : {}),
    close: client.close,
  };
}

function readings(client: Client, bank: Bank) {
  return {
    async readParty(of) {
      const record = await queryCustomer(client, of);
      return record === undefined ? undefined : partyOf(record);
    },
    async readContactPoints(of) {
      const record = await queryCustomer(client, of);
      return record === undefined ? [] : contactPointsOf(record);
    },
    readAccount: (of) => readAccount(client, bank, of),
    listAccounts: (query) => listAccounts(client, bank, query),
    async readBalances({ id, signal }) {
      const key = accountKey(id);
      if (!key) return undefined;
      const record = { ACC_BAL: { BRANCH_CODE: key.branch, CUST_AC_NO: key.number } };
      const found = await client.read({ operation: 'QueryAccBal', record, signal });
      return found === undefined ? undefined : balancesOf(found, bank);
    },
    readHold: (of) => readHold(client, bank, of),
  } satisfies Partial<AdapterOperations>;
}

function movings(client: Client, bank: Bank) {
  return {
    transfer: (order) => transfer(client, bank, order),
    reverse: (order) => reverse(client, bank, order),
    placeHold: (order) => placeHold(client, bank, order),
    increaseHold: (order) => increaseHold(client, bank, order),
    releaseHold: (order) => releaseHold(client, bank, order),
    lookUp: (of) => lookUp(client, of),
  } satisfies Partial<AdapterOperations>;
}

function loans(client: Client, bank: Bank) {
  return {
    applyForLoan: (application) => applyForLoan(client, bank, application),
    readLoanApplication: (of) => readLoan(client, bank, of),
  } satisfies Partial<AdapterOperations>;
}

async function lookUp(client: Client, of: LookUp) {
  switch (of.kind) {
    case 'transfer':
      return findTransfer(client, of);
    case 'reverse':
      return findReversal(client, { of: of.of, ...of });
    case 'hold':
      return findHold(client, of);
    case 'release':
      return findRelease(client, of);
    case 'capture':
      // This core has none.
      return undefined;
  }
}
