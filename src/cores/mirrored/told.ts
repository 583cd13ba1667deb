// What a core has told, in the words of our events.
import { type Command, type EventDraft, nullable } from '#core';
import { moneySchemas } from '#money';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import type { CoreEvent } from '../adapter.ts';
import { partySchemas } from '../own/parties.ts';

/** By what an adapter calls it. */
export const toldTypes = {
  'entry.booked': 'core.entry_booked',
  'hold.changed': 'core.hold_changed',
  'account.changed': 'core.account_changed',
  'party.changed': 'core.party_changed',
  'loan.changed': 'core.loan_changed',
} as const satisfies Record<CoreEvent['type'], string>;

/**
 * `posted`: the mirror has it by this event. `ordered`: we have ordered it, and its command posts
 * it. `contained`: it is in the opening balance. `by_debtor`: the entry of the account that pays
 * tells it. `not_mirrored`: there is a difference.
 */
export const mirrorings = ['posted', 'ordered', 'contained', 'by_debtor', 'not_mirrored'] as const;
export type Mirroring = (typeof mirrorings)[number];

const entry = Type.Object({
  reference: Type.String({ description: 'Of the core.' }),
  credit_debit_indicator: Type.Enum(['CRDT', 'DBIT']),
  status: Type.Enum(['BOOK', 'PDNG']),
  booked_at: Type.String(),
  value_at: Type.String(),
  mirroring: nullable(Type.Enum([...mirrorings])),
});
const about = {
  core: Type.String(),
  core_event_id: Type.String(),
  account_id: nullable(moneySchemas.accountId),
  party_id: nullable(partySchemas.partyId),
};

export const toldPayloads = {
  'core.entry_booked': Type.Object({ ...about, entry }),
  'core.hold_changed': Type.Object(about),
  'core.account_changed': Type.Object(about),
  'core.party_changed': Type.Object(about),
  'core.loan_changed': Type.Object(about),
};

export type ToldEntry = Type.Static<typeof entry>;

export type TellBody = {
  readonly type: CoreEvent['type'];
  readonly occurred_at: string;
  readonly core: string;
  readonly core_event_id: string;
  readonly account_id: string | null;
  readonly party_id: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly entry?: ToldEntry;
};

export const toldOperations: PolicyOperations = {
  'core.tell': { changesRights: false, perform: tell },
};

async function tell(_tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { type, occurred_at, amount, currency, ...payload } = command.body as TellBody;
  return [
    {
      ...policyEvent(command, toldTypes[type], payload),
      ...{ occurredAt: occurred_at, accountId: payload.account_id, amount, currency },
    },
  ];
}
