// What stands on record of an earning: whoever reads a page again takes that as it stands, though
// the programme, or a tier, is another by now.
import type { JournalBody } from '#money';
import type { Recorded } from './accrual-send.ts';
import type { Earning, EarnPart } from './program/earning.ts';

/** As it was worked out now, but for what the commands on record say. */
export function asRecorded(now: Earning, known: readonly Recorded[]): Earning {
  const [first] = known;
  if (first === undefined) return now;
  const { metadata = {} } = first.body as unknown as JournalBody;
  const { version = now.version, counted } = metadata;
  const recorded = known.map(partOf);
  const parts = [
    ...recorded,
    // A campaign that was not reached before the page ended is reached now.
    ...now.parts.filter(({ campaign }) => !recorded.some((part) => part.campaign === campaign)),
  ];
  return {
    ...now,
    version,
    parts,
    points: parts.reduce((sum, { points }) => sum + points, 0),
    ...(counted === undefined ? {} : { counted: JSON.parse(counted) as Earning['counted'] }),
  };
}

/** A journal of points has the points in its legs, and what they are in the metadata of each. */
function partOf({ body }: Recorded): EarnPart {
  const legs = (body as unknown as JournalBody).legs.flatMap((leg) =>
    leg.kind === 'post' ? [leg] : [],
  );
  const said = legs[0]?.metadata ?? {};
  return {
    points: legs.reduce((sum, { amount }) => sum + amount, 0),
    campaign: said['campaign'] ?? null,
    rules: said['rule']?.split(',') ?? [],
    reason: (said['reason'] ?? 'purchase') as EarnPart['reason'],
  };
}
