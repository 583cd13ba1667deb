// What comes with a tier, told to the core: tried again while the core cannot, and told of as an
// event when it is done, or when nobody tries any more.
import {
  type Clock,
  type Command,
  type Consumer,
  dueRounds,
  Fault,
  type Instant,
  instantToText,
  type Json,
  type SealedEvent,
} from '#core';
import type { GuardedCore } from '#cores';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { look, onlySystem, type SystemParts, systemOf } from './accounts.ts';
import { readProgramInForce } from './program/versions.ts';
import { readStanding } from './standing.ts';

export type BenefitParts = SystemParts & { readonly clock: Clock; readonly core: GuardedCore };

export const attemptsMax = 8;
/** Each pause is twice the one before, up to the last. */
const [pauseMs, pauseMaxMs] = [30_000, 3_600_000];
const duePage = 20;

const told = Type.Object({
  program: Type.String(),
  customer: Type.String(),
  tier: Type.String(),
  change: Type.Integer({ description: 'Of the tier: that of `loyalty.tier_changed`.' }),
  benefits: Type.Array(Type.String(), { description: 'What the tier gives, by its ids.' }),
  core: Type.String(),
  attempts: Type.Integer(),
});
export const benefitPayloads = {
  'loyalty.benefit_provisioned': told,
  'loyalty.benefit_failed': told,
};

export const benefitOperations: PolicyOperations = {
  'loyalty.benefit.record': { changesRights: false, perform: record },
};

type RecordBody = Type.Static<typeof told> & { readonly status: 'provisioned' | 'failed' };

async function record(_tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const { status, ...said } = command.body as RecordBody;
  return [policyEvent(command, `loyalty.benefit_${status}`, said)];
}

/** Puts what comes with a new tier into the queue; what was on its way of an earlier one is not. */
export function benefitConsumer(): Consumer {
  return {
    name: 'loyalty-benefits',
    types: ['loyalty.tier_changed'],
    async apply(tx, events) {
      for (const { tenant, body } of events) {
        const { program, customer, tier, change } = changeIn(body);
        await tx.query(
          `update loyalty.benefit set status = 'superseded'
            where tenant_id = $1 and program = $2 and customer = $3 and change < $4
              and status = 'pending'`,
          [tenant, program, customer, change],
        );
        await tx.query(
          `insert into loyalty.benefit (tenant_id, program, customer, change, tier, next_at)
           values ($1, $2, $3, $4, $5, '-infinity') on conflict do nothing`,
          [tenant, program, customer, change, tier],
        );
      }
    },
  };
}

type Change = { program: string; customer: string; tier: string; change: number };

function changeIn(body: SealedEvent['body']): Change {
  return (JSON.parse(body) as { data: { payload: Change } }).data.payload;
}

type Due = Change & {
  readonly tenant: string;
  readonly id: string;
  readonly attempts: number;
  readonly next_at: Date;
};

/** Answers what does one round of all that is due, and says how much is settled by it. */
export function benefitProvisioner(
  parts: BenefitParts,
  { onError }: { readonly onError: (error: unknown) => void },
): () => Promise<number> {
  const now = () => parts.clock.now();
  return dueRounds<Due>({
    ...{ now, onError, pageSize: duePage },
    async readPage(after) {
      const { rows } = await parts.database.pool('app').query<Due>(
        `select tenant_id as tenant, program, customer, change, tier, attempts, next_at,
                program || ' ' || customer as id
           from loyalty.benefit
          where status = 'pending' and next_at <= $1
            and ($2::text is null or (tenant_id, program, customer) > ($2, $3, $4))
          order by tenant_id, program, customer limit ${duePage}`,
        [instantToText(now()), after?.tenant ?? null, after?.program, after?.customer],
      );
      return rows;
    },
    perform: (due) => provision(parts, due, now()),
  });
}

async function provision(parts: BenefitParts, due: Due, at: Instant): Promise<boolean> {
  const { tenant, program, customer, tier, change } = due;
  const recordLoyalty = parts.core.operations.recordLoyalty;
  if (!recordLoyalty) {
    await note(parts, due, { status: 'unsupported' });
    return true;
  }
  const seen = await look(parts, tenant, async (tx) => ({
    ruled: await readProgramInForce(tx, program, at),
    standing: await readStanding(tx, program, customer, { at }),
  }));
  const points = Math.max(0, seen.standing.balance);
  // Another number of points is another change to a core: each attempt is one of its own.
  const attempts = due.attempts + 1;
  const key = `tier ${program} ${customer} ${change} ${attempts}`;
  const failed = await recordLoyalty({ tenant, id: customer, key, points, tier }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const isOver = attempts >= attemptsMax || (failed instanceof Fault && !failed.retryable);
  if (failed !== undefined && !isOver) {
    const waitMs = Math.min(pauseMaxMs, pauseMs * 2 ** (attempts - 1));
    await note(parts, due, { status: 'pending', nextAt: at + waitMs });
    return true;
  }
  const status = failed === undefined ? 'provisioned' : 'failed';
  const levels = seen.ruled?.tiers?.levels ?? [];
  const benefits = levels.find(({ id }) => id === tier)?.benefits.map(({ id }) => id) ?? [];
  const body = { program, customer, tier, change, benefits, core: parts.core.name, attempts };
  await parts.execute({
    ...{ principal: systemOf(tenant), operation: 'loyalty.benefit.record' },
    idempotencyKey: `benefit ${program} ${customer} ${change} ${status}`,
    body: { ...body, status } as Json,
  });
  await note(parts, due, { status });
  return true;
}

type Noted = {
  readonly status: 'pending' | 'provisioned' | 'failed' | 'unsupported';
  readonly nextAt?: Instant;
};

async function note(
  { database }: BenefitParts,
  { tenant, program, customer, change }: Due,
  { status, nextAt }: Noted,
): Promise<void> {
  await database.pool('app').query(
    `update loyalty.benefit
        set status = $5, attempts = attempts + 1, next_at = coalesce($6, next_at)
      where tenant_id = $1 and program = $2 and customer = $3 and change = $4
        and status = 'pending'`,
    [
      ...[tenant, program, customer, change, status],
      nextAt === undefined ? null : instantToText(nextAt),
    ],
  );
}
