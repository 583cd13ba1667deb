// The end of the log in the memory of a process: what many consumers follow is read once, and each
// is woken for the types that it wants alone.
import { type Bell, createBell } from './bell.ts';
import { readSealed, type SealedEvent } from './consumer.ts';
import { type Pool, withTx } from './database.ts';

export type LogTail = Bell & {
  /** Places of the log behind a position, in their order; undefined where they are not kept. */
  readonly rows: (after: bigint, limit: number) => readonly SealedEvent[] | undefined;
  /** Reads what was sealed since, and rings for it. Whoever calls meanwhile is served as well. */
  readonly grow: () => Promise<void>;
};

/** A follower that is some seconds behind finds its page here. */
const [rowsMax, lettersMax] = [12_000, 24_000_000];
const readMax = 1_000;

/** `pool` is of the role that follows the log. */
export function openTail(pool: Pool): LogTail {
  const bell = createBell();
  let kept: SealedEvent[] = [];
  let letters = 0;
  /** Up to here everything was read; unknown before the first look. */
  let head: bigint | undefined;
  let growing: Promise<void> | undefined;
  let isAskedAgain = false;

  async function read(): Promise<void> {
    for (let isMore = true; isMore; ) {
      const found = await withTx(
        pool,
        async (tx) => {
          if (head !== undefined) return readSealed(tx, { after: head, limit: readMax });
          const { rows } = await tx.query<{ head: bigint }>(
            'select core.sealed_position() as head',
          );
          head = rows[0]?.head;
          return undefined;
        },
        { readOnly: true },
      );
      // Where it begins, others are behind already.
      if (found === undefined) return bell.ring();
      isMore = found.length === readMax;
      if (found.length === 0) return;
      keep(found as readonly SealedEvent[]);
      bell.ring([...new Set(found.map(({ type }) => type))]);
    }
  }

  function keep(found: readonly SealedEvent[]): void {
    head = found.at(-1)?.position;
    kept.push(...found);
    for (const { body } of found) letters += body.length;
    let gone = Math.max(0, kept.length - rowsMax);
    for (const { body } of kept.slice(0, gone)) letters -= body.length;
    for (; letters > lettersMax; gone += 1) letters -= kept[gone]?.body.length ?? 0;
    if (gone > 0) kept = kept.slice(gone);
  }

  async function growAll(): Promise<void> {
    do {
      isAskedAgain = false;
      // Who cannot be told of which types there is news is to look himself.
      await read().catch(() => bell.ring());
    } while (isAskedAgain);
  }

  return {
    ...bell,
    rows(after, limit) {
      const [first] = kept;
      if (!first || head === undefined || after >= head || after < first.position - 1n) {
        return undefined;
      }
      const from = Number(after - first.position) + 1;
      return kept.slice(from, from + limit);
    },
    grow() {
      isAskedAgain = true;
      growing ??= growAll().finally(() => {
        growing = undefined;
      });
      return growing;
    },
  };
}
