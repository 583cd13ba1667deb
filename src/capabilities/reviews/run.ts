// What goes on by itself in reviews: consumers of the log, and the clock of what was promised.
import type { Prompter } from '#ai';
import {
  type Consumer,
  type ConsumerOptions,
  followLog,
  type Database,
  dueRounds,
  externalId,
  instantToText,
  type Uuid,
} from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  caseLabels,
  caseOpening,
  caseSummaries,
  type ReactorParts,
  sendBySystem,
} from './reactors.ts';

export type ReviewOptions = Omit<ReactorParts, 'pool'> &
  ConsumerOptions & {
    readonly database: Database;
    /** A language model for summaries; a template without it. */
    readonly prompter: Prompter | undefined;
  };

const lookIntervalMs = 5_000;
/** Commands of a tenant are heard one after the other. */
const overduePage = 20;

export async function runReviews(options: ReviewOptions): Promise<void> {
  const { database, prompter } = options;
  const parts = { ...options, pool: database.pool('read') };
  const follow = (consumer: Consumer) => followLog(consumer, database.pool('app'), options);
  await Promise.all([
    follow(caseOpening(parts)),
    follow(caseSummaries(parts, prompter)),
    follow(caseLabels(parts)),
    watchPromises(options, parts),
  ]);
}

async function watchPromises(options: ReviewOptions, parts: ReactorParts): Promise<void> {
  const { signal, onError } = options;
  const tell = overdueTeller(parts, options);
  while (!signal.aborted) {
    await tell().catch(onError);
    await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

type LateCase = { readonly tenant: string; readonly id: Uuid; readonly due_at: Date };

/**
 * Answers what says once of each case whose promise was not kept that it was not; that answers of
 * how many it has said so.
 */
export function overdueTeller(
  parts: ReactorParts,
  { database, onError }: Pick<ReviewOptions, 'database' | 'onError'>,
): () => Promise<number> {
  const now = () => parts.clock.now();
  return dueRounds<LateCase>({
    ...{ now, onError, pageSize: overduePage },
    async readPage(after) {
      const { rows } = await database.pool('app').query<LateCase>(
        `select tenant_id as tenant, id, due_at from reviews.case_file
          where ended_at is null and overdue_at is null and due_at <= $1
            and (expires_at is null or expires_at > $1)
            and ($2::timestamptz is null or (due_at, id) > ($2, $3))
          order by due_at, id limit ${overduePage}`,
        [instantToText(now()), after?.due_at ?? null, after?.id ?? null],
      );
      return rows;
    },
    perform({ tenant, id }, isAgain) {
      const case_id = externalId('case', id);
      // What was refused is another command when it is tried again: policy may be another.
      const again = isAgain ? ` ${instantToText(now())}` : '';
      const idempotencyKey = `overdue ${case_id}${again}`;
      const body = { case_id };
      return sendBySystem(parts, tenant, { operation: 'case.mark_overdue', idempotencyKey, body });
    },
  });
}
