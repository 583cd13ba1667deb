// What goes on by itself in reviews: consumers of the log, and the clock of what was promised.
import type { Writer } from '#ai';
import {
  type Consumer,
  type ConsumerOptions,
  consumePage,
  type Database,
  externalId,
  instantToText,
  runConsumer,
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
    readonly writer: Writer | undefined;
  };

/** Commands take their time: what is not done yet of a page is done again after a crash. */
const reactorPage = 100;
/** The transaction of a consumer that calls a model may not idle for a minute. */
const summariesPage = 8;
const lookIntervalMs = 5_000;
const overduePage = 100;

export async function runReviews(options: ReviewOptions): Promise<void> {
  const { database, writer } = options;
  const parts = { ...options, pool: database.pool('read') };
  const follow = (consumer: Consumer, page: number) =>
    runConsumer(() => consumePage(consumer, database.pool('app'), page), options);
  await Promise.all([
    follow(caseOpening(parts), reactorPage),
    follow(caseSummaries(parts, writer), summariesPage),
    follow(caseLabels(parts), reactorPage),
    watchPromises(options, parts),
  ]);
}

async function watchPromises(options: ReviewOptions, parts: ReactorParts): Promise<void> {
  const { signal, onError } = options;
  while (!signal.aborted) {
    const told = await tellOverdue(parts, options.database).catch((error: unknown) => {
      onError(error);
      return 0;
    });
    if (told === overduePage) continue;
    await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Says once of each case that its promise was not kept; answers of how many in this page. */
export async function tellOverdue(parts: ReactorParts, database: Database): Promise<number> {
  const { rows } = await database.pool('app').query<{ tenant_id: string; id: Uuid }>(
    `select tenant_id, id from reviews.case_file
      where ended_at is null and overdue_at is null and due_at <= $1
        and (expires_at is null or expires_at > $1)
      order by due_at limit ${overduePage}`,
    [instantToText(parts.clock.now())],
  );
  for (const { tenant_id: tenant, id } of rows) {
    const case_id = externalId('case', id);
    await sendBySystem(parts, tenant, {
      operation: 'case.mark_overdue',
      idempotencyKey: `overdue ${case_id}`,
      body: { case_id },
    });
  }
  return rows.length;
}
