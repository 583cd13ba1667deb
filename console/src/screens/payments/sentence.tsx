// How a payment came out and why, in a sentence at the top: for whoever is asked about it.
import { State, wordsOf } from '../../parts/state.tsx';
import { useExplanation } from '../decisions/rules.tsx';
import { Because, DecisionSentence, Sentence } from '../decisions/sentence.tsx';
import { type Payment, toldBy } from './words.ts';

/** What the ledger refuses with, in words; others read as they are. */
const refusals: Readonly<Record<string, string>> = {
  insufficient_funds: 'the account does not have the money',
  limit_exceeded: 'a limit would be exceeded',
};

export function PaymentSentence({ payment }: { readonly payment: Payment }) {
  const last = payment.decisions.at(-1);
  const explained = useExplanation(last?.decision_id).data;
  const refused = payment.history.map(toldBy).findLast(({ code }) => code);
  if (refused?.code && payment.outcome === 'denied') {
    return (
      <Sentence tone="bad">
        <strong>Denied</strong> because {refusals[refused.code] ?? wordsOf(refused.code)}
        {refused.limit && (
          <>
            : <span className="mono">{refused.limit}</span>
          </>
        )}
        . The ledger refused it; policy had allowed it
        {last ? `: ${last.reasons.map(({ text }) => text).join(' ')}` : '.'}
      </Sentence>
    );
  }
  if (explained) return <Explained payment={payment} of={explained} />;
  const words = last?.reasons.map(({ text }) => text).join(' ') ?? '';
  return (
    <Sentence tone="still">
      <State word={payment.outcome} /> {words}
    </Sentence>
  );
}

/** What waited and has ended otherwise is told by its end first. */
function Explained({
  payment,
  of,
}: {
  readonly payment: Payment;
  readonly of: NonNullable<ReturnType<typeof useExplanation>['data']>;
}) {
  const hasEnded =
    of.outcome !== 'allow' && ['cancelled', 'expired', 'denied'].includes(payment.status);
  if (!hasEnded || of.outcome === 'deny') return <DecisionSentence of={of} />;
  const why = toldBy(payment.history.at(-1)).reason;
  return (
    <Sentence tone={payment.status === 'denied' ? 'bad' : 'still'}>
      <strong>
        {payment.status === 'denied' ? 'Denied' : `It has ${endWords(payment.status)}`}
      </strong>
      {why ? `: ${wordsOf(why)}. ` : '. '}
      It waited <Because of={of} />
    </Sentence>
  );
}

function endWords(status: string): string {
  return status === 'cancelled' ? 'been cancelled' : status;
}
