// Traffic of customers whom the bank has in its register: who pays is named by the party.
import type { AccountKey, Operation, Traffic } from './operation.ts';

/** The parties that hold accounts, by the accounts; who holds none of them keeps his token. */
export function namedByParty(traffic: Traffic, parties: ReadonlyMap<AccountKey, string>): Traffic {
  function* named(): Generator<Operation> {
    for (const operation of traffic.operations as Iterable<Operation>) {
      yield 'leg' in operation ? { ...operation, ...namesIn(operation, parties) } : operation;
    }
  }
  return {
    ...traffic,
    operations: { [Symbol.iterator]: named },
    payers: () => payersOf(traffic, parties),
  };
}

type Payment = Extract<Operation, { readonly leg: unknown }>;

function namesIn(
  { leg, debtor, creditor }: Payment,
  parties: ReadonlyMap<AccountKey, string>,
): { readonly debtor: string; readonly creditor?: string } {
  const paid = creditor === undefined ? {} : { creditor: parties.get(leg.credit) ?? creditor };
  return { debtor: parties.get(leg.debit) ?? debtor, ...paid };
}

/** Those of the traffic, by the names that they go by. */
function payersOf(
  { operations, payers }: Traffic,
  parties: ReadonlyMap<AccountKey, string>,
): readonly string[] {
  const wanted = new Set(payers?.() ?? []);
  const names = new Set<string>();
  for (const operation of operations as Iterable<Operation>) {
    if ('leg' in operation && wanted.has(operation.debtor)) {
      names.add(namesIn(operation, parties).debtor);
    }
  }
  return [...names];
}
