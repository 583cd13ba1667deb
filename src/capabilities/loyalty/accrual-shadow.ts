// Accrual in shadow: what would have been given is told, and nothing is.
import type { Command, Json } from '#core';
import { nullable } from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import Type from 'typebox';
import { look, onlySystem, type ProgramAccounts, type SystemParts, systemOf } from './accounts.ts';
import { readRecorded, send } from './accrual-send.ts';
import type { Movement } from './earn-facts.ts';
import type { EarnKind } from './program/earning-terms.ts';
import type { Earning } from './program/earning.ts';

export type Shadowed = {
  readonly movement: Pick<Movement, 'id' | 'position'>;
  readonly kind: EarnKind;
  readonly customer: string;
  readonly earning: Earning;
};

/** Told at once, by one command. */
const itemsMax = 100;

const item = Type.Object({
  transfer_id: Type.String(),
  kind: Type.String(),
  customer: Type.String(),
  points: Type.Integer({ minimum: 1 }),
  version: Type.String(),
  parts: Type.Array(
    Type.Object({
      points: Type.Integer({ minimum: 1 }),
      campaign: nullable(Type.String()),
      rules: Type.Array(Type.String()),
    }),
  ),
});
type Item = Type.Static<typeof item>;
type Body = { readonly program: string; readonly items: readonly Item[] };

export const shadowPayloads = {
  'loyalty.accrual_shadowed': Type.Object({ program: Type.String(), items: Type.Array(item) }),
};

export const shadowOperations: PolicyOperations = {
  'loyalty.accrual.shadow': {
    changesRights: false,
    async perform(_tx, command: Command) {
      onlySystem(command);
      return [policyEvent(command, 'loyalty.accrual_shadowed', command.body)];
    },
  },
};

/** Each once: a command is named after its first, and what it has told is told. */
export async function tellShadowed(
  parts: SystemParts & { readonly tenant: string; readonly program: ProgramAccounts },
  shadowed: readonly Shadowed[],
): Promise<void> {
  if (shadowed.length === 0) return;
  const {
    tenant,
    program: { program },
  } = parts;
  const key = ({ movement: { id }, kind }: Shadowed) => `shadow ${program} ${id} ${kind}`;
  const recorded = await look(parts, tenant, (tx) => readRecorded(tx, shadowed.map(key)));
  let rest = [...shadowed].sort((a, b) => Number(a.movement.position - b.movement.position));
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const idempotencyKey = key(first);
    const items = rest.slice(0, itemsMax).map(itemOf);
    const body = { program, items } as unknown as Json;
    const input = { principal: systemOf(tenant), operation: 'loyalty.accrual.shadow' };
    const sent = await send(
      parts,
      { ...input, idempotencyKey, body },
      recorded.get(idempotencyKey),
    );
    const told = new Set((sent.body as unknown as Body).items.map(nameOf));
    rest = rest.filter((each) => !told.has(nameOf(itemOf(each))));
  }
}

function itemOf({ movement, kind, customer, earning }: Shadowed): Item {
  const parts = earning.parts.map(({ points, campaign, rules }) => ({
    ...{ points, campaign },
    rules: [...rules],
  }));
  const { points, version } = earning;
  return { transfer_id: movement.id, kind, customer, points, version, parts };
}

function nameOf({ transfer_id, kind }: Pick<Item, 'transfer_id' | 'kind'>): string {
  return `${transfer_id} ${kind}`;
}
