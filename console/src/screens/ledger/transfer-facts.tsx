// What is known of a transfer by itself: its times, what it belongs to, its metadata.
import { Link } from '@tanstack/react-router';
import { Id, shortId } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Time } from '../../parts/time.tsx';
import { Metadata } from './places.tsx';
import { kindSentences, type Line } from './words.ts';

export function TransferFacts({ transfer }: { readonly transfer: Line }) {
  const { kind, released, currency, effective_at, recorded_at, metadata, command_id } = transfer;
  const { hold_id, reverses_id, reversed_by_id, payment_id } = transfer;
  return (
    <Facts
      of={{
        What: kindSentences[kind],
        'Given back': released > 0 ? <Amount minor={released} currency={currency} /> : undefined,
        Recorded: <Time at={recorded_at} whole />,
        Effective: <Time at={effective_at} whole />,
        Hold: hold_id === null ? undefined : <Id id={hold_id} />,
        Reverses: reverses_id === null ? undefined : <Id id={reverses_id} />,
        'Reversed by': reversed_by_id === null ? undefined : <Id id={reversed_by_id} />,
        Payment: payment_id === null ? null : <Id id={payment_id} />,
        Journal: (
          <Link
            to={'/ledger/journal' as never}
            search={{ command_id } as never}
            className="mono"
            title="All that was posted together with it"
          >
            {shortId(command_id)}
          </Link>
        ),
        Metadata: <Metadata of={metadata} />,
      }}
    />
  );
}
