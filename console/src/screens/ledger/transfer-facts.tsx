// What is known of a transfer by itself: its times, what it belongs to, its metadata.
import { Link } from '@tanstack/react-router';
import { Id, shortId } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Time } from '../../parts/time.tsx';
import { Metadata } from './places.tsx';
import { kindSentences, type Transfer } from './words.ts';

export function TransferFacts({
  transfer,
  commandId,
}: {
  readonly transfer: Transfer;
  readonly commandId: string | undefined;
}) {
  const { kind, released, currency, hold_id, reverses_id, effective_at, recorded_at, metadata } =
    transfer;
  return (
    <Facts
      of={{
        What: kindSentences[kind],
        'Given back': released > 0 ? <Amount minor={released} currency={currency} /> : undefined,
        Recorded: <Time at={recorded_at} whole />,
        Effective: <Time at={effective_at} whole />,
        Hold: hold_id === null ? undefined : <Id id={hold_id} />,
        Reverses: reverses_id === null ? undefined : <Id id={reverses_id} />,
        Journal: commandId && (
          <Link
            to={'/ledger/journal' as never}
            search={{ command_id: commandId } as never}
            className="mono"
            title="All that was posted together with it"
          >
            {shortId(commandId)}
          </Link>
        ),
        Metadata: <Metadata of={metadata} />,
      }}
    />
  );
}
