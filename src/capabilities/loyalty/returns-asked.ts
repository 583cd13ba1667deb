// What a contested return gives again, where people have to agree to so many points first.
import type { Json, Tx, Uuid } from '#core';
import type { JournalBody } from '#money';
import { lotsOf } from './accrual-send.ts';
import { lockEarned, type Settled, type Unsettled, writeSettled } from './returns-page.ts';

/** Named by how often its purchase was settled before: with the next time it is out of date. */
type AskedReturn = Pick<Unsettled, 'program' | 'transfer_id' | 'kind'> & {
  readonly tenant: string;
  readonly part: number;
};

/** Whether a command is what a return has brought about: it says how far it settles it. */
export function isOfReturn(body: Json): boolean {
  return (body as unknown as JournalBody).metadata?.['points_back'] !== undefined;
}

/** Leaves a purchase as it is until people have answered, or more of it goes back. */
export async function restSettling(tx: Tx, row: Unsettled): Promise<void> {
  await tx.query(
    `update loyalty.earned set unsettled = false
      where tenant_id = $1 and program = $2 and transfer_id = $3 and kind = $4`,
    [row.tenant_id, row.program, row.transfer_id, row.kind],
  );
}

/** The purchase as it was when people were asked; undefined where more has gone back since. */
export async function lockAskedReturn(tx: Tx, of: AskedReturn): Promise<Unsettled | undefined> {
  const row = await lockEarned(tx, of, { isUnsettled: false });
  return row?.settlements === of.part ? row : undefined;
}

/** What people have agreed to is given; what has gone back meanwhile is settled behind it. */
export async function writeGivenAgain(
  tx: Tx,
  row: Unsettled,
  { id, body }: { readonly id: Uuid; readonly body: Json },
): Promise<void> {
  await writeSettled(tx, row, { ...settledBy(id, body), isBehind: true });
}

export function settledBy(command: Uuid, body: Json): Settled {
  const { legs, metadata = {} } = body as unknown as JournalBody;
  const moved = legs.flatMap((leg) => (leg.kind === 'post' ? [leg] : []));
  const points = moved.reduce((sum, { amount }) => sum + amount, 0);
  const isTaking = moved.some(({ metadata: said }) => said?.['entry'] === 'take_back');
  return {
    amountBack: Number(metadata['amount_back']),
    pointsBack: Number(metadata['points_back']),
    taken: isTaking ? points : -points,
    lots: isTaking ? [] : lotsOf(command, legs.length),
  };
}
