// A programme with its accounts in the ledger, for tests that move points.
import type { Executed, Planes } from '#main';
import { followProjection } from '#core';
import { type Bank, seal } from './bank.ts';
import { openProgramAccounts, type ProgramAccounts } from '../src/capabilities/loyalty/accounts.ts';
import { enrolled, type Member } from '../src/capabilities/loyalty/members.ts';
import {
  earnCommand,
  type Gift,
  type MemberMoving,
  redeemCommand,
} from '../src/capabilities/loyalty/points.ts';
import { lotProjection } from '../src/capabilities/loyalty/projection.ts';

export type Points = {
  readonly tenant: string;
  readonly accounts: ProgramAccounts;
  readonly enrol: (customer: string) => Promise<Member>;
  /** What every movement of a member says, under a key of its own. */
  readonly moving: (member: Member, more?: Partial<MemberMoving>) => MemberMoving;
  readonly earn: (member: Member, points: number, gift?: Partial<Gift>) => Promise<Executed>;
  readonly redeem: (member: Member, points: number) => Promise<Executed>;
  /** Seals what was moved, and folds it. */
  readonly fold: () => Promise<void>;
};

export async function openPoints(
  bank: Bank,
  tenant: string,
  { program = 'everyday', unit = 'POINTS' } = {},
): Promise<Points> {
  const { planes } = bank;
  const accounts = await openProgramAccounts(planes, tenant, { program, unit, currency: 'USD' });
  let keys = 0;
  const by = { kind: 'service', id: 'loyalty', tenant } as const;
  const moving: Points['moving'] = (member, more = {}) => {
    keys += 1;
    const key = `test ${program} ${keys}`;
    return { by, key, program: accounts, reason: 'purchase', member, ...more };
  };
  return {
    tenant,
    accounts,
    enrol: (customer) => enrolled(planes, { tenant, program, customer }),
    moving,
    earn: (member, points, gift = {}) =>
      planes.execute(
        earnCommand({
          ...moving(member),
          gifts: [{ points, to: 'active', ...gift }],
          facts: { customerPoints: 0, pointValueMicros: 500_000 },
        }),
      ),
    redeem: (member, points) => planes.execute(redeemCommand({ ...moving(member), points })),
    fold: () => foldPoints(bank),
  };
}

export async function foldPoints(bank: Bank): Promise<void> {
  await seal(bank);
  await followPoints(bank.planes);
}

/** Folds what is sealed. */
export async function followPoints({ database }: Planes): Promise<void> {
  while ((await followProjection(lotProjection, database.pool('app'))) > 0);
}
