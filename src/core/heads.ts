// The largest signed tree head of each log, kept outside of the database: what was once signed can
// never be signed again differently, even when the database comes back from an old copy.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';
import { Fault } from './fault.ts';

export type Head = {
  readonly size: number;
  /** Base64 of the root hash. */
  readonly root: string;
  /** The signed checkpoint itself. */
  readonly note: string;
};

/** Heads by the origin of their log. */
export type Heads = {
  readonly all: () => ReadonlyMap<string, Head>;
  /** Returns when they are on disk: publish only then. One smaller than the kept one is a bug. */
  readonly keep: (heads: ReadonlyMap<string, Head>) => void;
};

/**
 * The name of a tenant's log in its checkpoints. A restore begins another generation: its heads
 * must not be mistaken for a fork of the log before.
 */
export function logOrigin(logId: string, tenant: string, generation: number): string {
  return `countersign/${logId}/${tenant}${generation > 1 ? `/${generation}` : ''}`;
}

/** The reverse of `logOrigin`; undefined for a log of another installation. */
export function parseOrigin(
  origin: string,
  logId: string,
): { tenant: string; generation: number } | undefined {
  const parts = /^countersign\/([0-9a-f]+)\/([a-z0-9-]+)(?:\/([1-9]\d*))?$/.exec(origin);
  if (parts?.[1] !== logId || parts[2] === undefined) return undefined;
  return { tenant: parts[2], generation: Number(parts[3] ?? 1) };
}

export function openHeads(folder: string): Heads {
  const path = join(folder, 'heads.json');
  const kept = readHeads(path);
  return {
    all: () => kept,
    keep(heads) {
      for (const [origin, head] of heads) {
        const before = kept.get(origin);
        if (before !== undefined && before.size > head.size) {
          throw new Fault(
            'log_behind_head',
            `a head of size ${before.size} was signed for ${origin}, and now one of ${head.size}`,
          );
        }
        kept.set(origin, head);
      }
      writeDurably(path, `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`);
    },
  };
}

/** Heads that live in memory only. */
export function temporaryHeads(): Heads {
  const kept = new Map<string, Head>();
  return {
    all: () => kept,
    keep(heads) {
      for (const [origin, head] of heads) kept.set(origin, head);
    },
  };
}

function readHeads(path: string): Map<string, Head> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, Head>));
  } catch (error) {
    throw new Fault('log_behind_head', `${path} is damaged: restore it before starting`, {
      cause: error,
    });
  }
}
