// Which cases a model is judged by, and how many of them are read.
import { type Instant, instantToText, type Tx } from '#core';

export type Span = {
  /** Half-open, by the receipt of what was scored. */
  readonly from: Instant;
  readonly to: Instant;
};

export type Sample = {
  /** See `decidesOnCommands`. */
  readonly isOfCommands: boolean;
  /** Of 65,536 cases those that are read, by the hash of their ids. */
  readonly share: number;
};

export const wholeShare = 65_536;

/**
 * Whether the model has a say on commands. Then it is judged by those alone: what is merely asked
 * (`decision.make`) costs nobody anything, so it could be made up to stop the model, or to hide
 * how it does.
 */
export async function decidesOnCommands(
  tx: Tx,
  { generation, model, to }: { generation: number; model: string; to: Instant },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from ai.score
      where generation = $1 and model = $2 and at < $3 and operation <> 'decision.make' limit 1`,
    [generation, model, instantToText(to)],
  );
  return rowCount === 1;
}

/** Spreads over the whole period what may be read: the latest cases alone are easily arranged. */
export async function drawSample(
  tx: Tx,
  wanted: Span & {
    readonly generation: number;
    readonly model: string;
    readonly version: number;
    readonly casesMax: number;
  },
): Promise<Sample> {
  const { generation, model, version, from, to, casesMax } = wanted;
  const isOfCommands = await decidesOnCommands(tx, wanted);
  const { rows } = await tx.query<{ cases: number }>(
    `select count(*)::int as cases from ai.score
      where generation = $1 and model = $2 and at >= $3 and at < $4
        and (version = $5 or served_version = $5)
        and (not $6 or operation <> 'decision.make')`,
    [generation, model, instantToText(from), instantToText(to), version, isOfCommands],
  );
  const { cases = 0 } = rows[0] ?? {};
  const share = cases <= casesMax ? wholeShare : Math.ceil((wholeShare * casesMax) / cases);
  return { isOfCommands, share };
}
