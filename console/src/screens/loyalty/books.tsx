// What a run moves in money, and whether the ledger has it.
import { Link } from '@tanstack/react-router';
import { Amount } from '../../parts/money.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import type { LiabilityRead, LiabilityRun } from './shapes.ts';

export function Books({ of }: { readonly of: LiabilityRead }) {
  const { figures, currency, posting, recorded_at, recorded_by, ordinal, input_digest } = of;
  const { deferred, redeemed, breakage } = figures.movement;
  return (
    <Card title={`Run ${ordinal} in the books`}>
      <Facts
        of={{
          'Deferred since the run before': <Amount minor={deferred} {...{ currency }} signed />,
          'Released by use': <Amount minor={redeemed} {...{ currency }} signed />,
          'Released by breakage': <Amount minor={breakage} {...{ currency }} signed />,
          Journal: <Posting of={posting} />,
          'Worked out': (
            <>
              <Time at={recorded_at} whole /> by <Who principal={recorded_by} />
            </>
          ),
          'From sums with the digest': (
            <span className="mono" title={input_digest}>
              {input_digest.slice(0, 16)}…
            </span>
          ),
        }}
      />
    </Card>
  );
}

const looks: Readonly<Record<LiabilityRun['posting']['status'], readonly [string, string]>> = {
  open: ['pending', 'is being posted'],
  posted: ['posted', 'posted'],
  nothing: ['none', 'nothing to post'],
  rejected: ['rejected', 'the ledger refused it'],
};

export function Posting({
  of: { status, command_id, code },
}: {
  readonly of: LiabilityRun['posting'];
}) {
  return (
    <>
      <State word={looks[status][0]}>{looks[status][1]}</State>
      {code !== null && <span className="dimmed"> {code}</span>}{' '}
      {command_id !== null && (
        <Link to={'/ledger/journal' as never} search={{ command_id } as never}>
          see it
        </Link>
      )}
    </>
  );
}
