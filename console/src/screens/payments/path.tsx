// The path of a payment through the planes: what was asked, known, scored, decided, moved, proven.
import { Folded } from '../../parts/explorer.tsx';
import { Id } from '../../parts/id.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { FactsTold, FactTable } from '../decisions/facts.tsx';
import { PolicyVersion, Rules, useExplanation } from '../decisions/rules.tsx';
import { Because } from '../decisions/sentence.tsx';
import { Entries, Holds } from './moved.tsx';
import { ReviewCase, StepUp } from './obligations.tsx';
import { ScoreView } from './score.tsx';
import { Stage } from './stage.tsx';
import type { Decided, Payment, Score } from './words.ts';

export function Path({ payment }: { readonly payment: Payment }) {
  const [first] = payment.decisions;
  const explained = useExplanation(first?.decision_id);
  const score = payment.score as unknown as Score | null;
  return (
    <ol className="path" aria-label="Path of the payment">
      <Ordered payment={payment} />
      {first && (
        <Stage title="Facts" about="read by the rules that decided">
          <FactsTold facts={first.facts} explained={explained.data} />
        </Stage>
      )}
      <ScoreView score={score} />
      {payment.decisions.map((decision, at) => (
        <DecisionStage
          key={decision.decision_id}
          decision={decision}
          title={at === 0 ? 'Decision' : 'Decision, once it could go on'}
          isLast={at === payment.decisions.length - 1}
        />
      ))}
      <StepUp payment={payment} />
      <ReviewCase payment={payment} />
      <Holds of={payment.holds} />
      <Entries of={payment.transfers} />
      <Sealed payment={payment} />
    </ol>
  );
}

/** What stands elsewhere on the page. */
const toldElsewhere = new Set([
  ...['amount', 'currency', 'kind', 'channel', 'debtor_account_id', 'creditor_account_id'],
  ...['debtor', 'creditor', 'facts', 'metadata'],
]);

function Ordered({ payment }: { readonly payment: Payment }) {
  const { order, requested_by, created_at } = payment;
  const facts = order['facts'] as Readonly<Record<string, unknown>> | undefined;
  const shown = Object.entries({ ...order, ...facts }).filter(([name]) => !toldElsewhere.has(name));
  return (
    <Stage
      title="Request"
      about={
        <>
          by {nameOf(requested_by)}, <Time at={created_at} />
        </>
      }
    >
      {shown.length > 0 && <FactTable of={shown} facts={order} />}
    </Stage>
  );
}

function DecisionStage({
  decision,
  title,
  isLast,
}: {
  readonly decision: Decided;
  readonly title: string;
  /** The reasons of the last one stand at the top of the page. */
  readonly isLast: boolean;
}) {
  const { decision_id, outcome, policy_version, bundle, obligations } = decision;
  const explained = useExplanation(decision_id);
  const owed = Object.entries(obligations);
  return (
    <Stage
      title={title}
      plane="policy"
      about={
        <>
          <State word={outcome} /> by <PolicyVersion version={policy_version} bundle={bundle} />
        </>
      }
    >
      {!isLast && (
        <p style={{ margin: '0 0 2px' }}>
          {explained.data ? (
            <Because of={explained.data} />
          ) : (
            decision.reasons.map(({ text }) => text)
          )}
        </p>
      )}
      {owed.length > 0 && (
        <p style={{ margin: '0 0 2px' }}>
          <span className="dimmed">Asks for</span>{' '}
          {owed
            .map(([name, value]) => `${wordsOf(name)}: ${[value].flat().map(String).join(', ')}`)
            .join('; ')}
        </p>
      )}
      {explained.data ? (
        <Rules of={explained.data} />
      ) : (
        <Plain of={decision} problem={explained.error} />
      )}
      <span className="dimmed">
        On record as <Id id={decision_id} />
      </span>
    </Stage>
  );
}

function Sealed({ payment }: { readonly payment: Payment }) {
  const last = payment.history.at(-1);
  if (!last) return null;
  return (
    <Stage
      title="Receipt"
      about={
        <>
          each step is sealed in the log, the last as <Id id={last.event_id} />
        </>
      }
    />
  );
}

/** For those who may see the payment, and not the rules one by one. */
function Plain({ of, problem }: { readonly of: Decided; readonly problem: unknown }) {
  if (problem) return <Rules of={undefined} problem={problem} />;
  return (
    <>
      <ul className="rule-list">
        {of.why.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {of.why_not.length > 0 && (
        <Folded title={`${of.why_not.length} rules did not hold`}>
          <ul className="rule-list">
            {of.why_not.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Folded>
      )}
    </>
  );
}
