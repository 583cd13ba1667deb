// The programmes of a tenant as they are read: what was published, and what counts when.
import type { Instant } from '#core';
import type pg from 'pg';
import { compiledBefore, compileProgram, type CompiledProgram } from './compile.ts';
import type { EarnFacts } from './earning.ts';
import { rulesInstant } from './evaluate.ts';
import type { Program } from './program.ts';

/** One act of publication. */
export type ProgramAct = {
  readonly program: string;
  readonly ordinal: number;
  readonly digest: string;
  readonly effectiveAt: Instant;
};

export type Programs = {
  readonly names: readonly string[];
  /** The version that counts at an instant; undefined before the first. */
  readonly inForce: (name: string, at: Instant) => CompiledProgram | undefined;
  /**
   * The version whose rules count for a transaction: that of its authorization, where the version
   * in force at its posting says so. Undefined where the programme was not yet there.
   */
  readonly versionFor: (
    name: string,
    facts: Pick<EarnFacts, 'occurredAt' | 'authorizedAt'>,
  ) => CompiledProgram | undefined;
};

/**
 * All programmes of the tenant, in one short query: documents are read and compiled once in the
 * life of a process, because a digest names one for ever.
 */
export async function readPrograms(tx: pg.ClientBase): Promise<Programs> {
  const acts = await readActs(tx);
  const byName = Map.groupBy(acts, ({ program }) => program);
  const found = await programsOf(tx, new Set(acts.map(({ digest }) => digest)));
  const inForce: Programs['inForce'] = (name, at) => {
    const act = actInForce(byName.get(name) ?? [], at);
    return act && found.get(act.digest);
  };
  return {
    names: [...byName.keys()].sort(),
    inForce,
    versionFor(name, facts) {
      const posting = inForce(name, facts.occurredAt);
      return posting && inForce(name, rulesInstant(posting.document, facts));
    },
  };
}

/** The last that was published of those whose instant has come: a later act overtakes a plan. */
export function actInForce(acts: readonly ProgramAct[], at: Instant): ProgramAct | undefined {
  return acts.findLast(({ effectiveAt }) => effectiveAt <= at);
}

/** In order of their publication. */
export async function actsOf(tx: pg.ClientBase, name: string): Promise<readonly ProgramAct[]> {
  return readActs(tx, name);
}

/** Programmes times versions that people have published. */
const actsMax = 20_000;

async function readActs(tx: pg.ClientBase, name: string | null = null): Promise<ProgramAct[]> {
  const { rows } = await tx.query<ActRow>({
    name: 'loyalty programs',
    text: `select program, ordinal, digest, effective_at from loyalty.program_version
            where tenant_id = core.current_tenant() and ($1::text is null or program = $1)
            order by program, ordinal limit ${actsMax}`,
    values: [name],
  });
  return rows.map(({ effective_at, ...act }) => ({ ...act, effectiveAt: effective_at.getTime() }));
}

type ActRow = Omit<ProgramAct, 'effectiveAt'> & { readonly effective_at: Date };

async function programsOf(
  tx: pg.ClientBase,
  digests: ReadonlySet<string>,
): Promise<ReadonlyMap<string, CompiledProgram>> {
  const found = new Map<string, CompiledProgram>();
  for (const digest of digests) {
    const known = compiledBefore(digest);
    if (known) found.set(digest, known);
  }
  const missing = [...digests].filter((digest) => !found.has(digest));
  if (missing.length === 0) return found;
  const { rows } = await tx.query<{ digest: string; document: Program }>(
    `select digest, document from loyalty.program_document
      where tenant_id = core.current_tenant() and digest = any ($1)`,
    [missing],
  );
  for (const { digest, document } of rows) found.set(digest, compileProgram(document));
  return found;
}

/** A document that is on record, published or not. */
export async function readDocument(
  tx: pg.ClientBase,
  digest: string,
): Promise<Program | undefined> {
  return (await programsOf(tx, new Set([digest]))).get(digest)?.document;
}
