// The evidence of a case: why it is here, what the model weighed, what was known, what is linked.
import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Bar } from '../../parts/bar.tsx';
import { Id } from '../../parts/id.tsx';
import { Amount, amountText } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import type { PaymentPath } from './standing.ts';
import type { CaseDetail } from './words.ts';

type EvidenceProps = {
  readonly shown: CaseDetail;
  readonly payment: PaymentPath | undefined;
};

export function Evidence({ shown, payment }: EvidenceProps) {
  return (
    <>
      <Why shown={shown} payment={payment} />
      <Score shown={shown} payment={payment} />
      <Known payment={payment} />
      {shown.verdicts.length > 0 && <Verdicts of={shown.verdicts} />}
      <Links of={shown.evidence.links} />
    </>
  );
}

function Why({ shown, payment }: EvidenceProps) {
  const { decision } = shown.evidence;
  const mayRead = useMay()('policy:read').allowed;
  const { data, error } = useApi(
    'GET /v1/decisions/{id}/explanation',
    { path: { id: decision?.decision_id ?? '' } },
    { enabled: decision !== null && mayRead },
  );
  const words = data?.reasons ?? payment?.decisions[0]?.reasons;
  const rules = data?.rules ?? [];
  const decisive = rules.filter((rule) => rule.decisive);
  const others = rules.filter((rule) => !rule.decisive && rule.held !== 'no');
  return (
    <Section
      title="Why it is here"
      about={
        decision && (
          <>
            <span className="mono">{decision.policy_version}</span> said {decision.outcome}
          </>
        )
      }
    >
      {words?.map(({ code, text }) => (
        <p key={code} style={{ margin: '0 0 4px' }}>
          {text} <span className="mono dimmed">{code}</span>
        </p>
      )) ?? (
        <p style={{ margin: 0 }}>
          {shown.reasons.map(wordsOf).join(', ') || 'No reason was given.'}
        </p>
      )}
      {error && <ProblemNote error={error} />}
      <Rules of={decisive} />
      {others.length > 0 && (
        <details className="more">
          <summary>
            {others.length} more {others.length === 1 ? 'rule' : 'rules'} held or could not be
            judged
          </summary>
          <Rules of={others} />
        </details>
      )}
      {decision && data && (
        <p style={{ margin: '4px 0 0' }}>
          <Link to={`/decisions/${decision.decision_id}` as never}>
            {rules.length - decisive.length - others.length} did not hold
          </Link>
        </p>
      )}
    </Section>
  );
}

function Rules({ of }: { readonly of: readonly Rule[] }) {
  return (
    <ul className="rules">
      {of.map(({ rule, held, outcome, note, conditions }) => (
        <li key={rule}>
          <span className="detail-line">
            <State word={held === 'unknown' ? 'pending' : outcome}>
              {held === 'unknown' ? 'not known' : outcome}
            </State>
            <span className="mono">{rule}</span>
          </span>
          {note !== null && held === 'yes' && <span className="text">{note} </span>}
          <span className="dimmed">
            {conditions
              .filter(({ doubt }) => held === 'yes' || doubt !== null)
              .map(conditionText)
              .join(', ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

type Rule = Answer<'GET /v1/decisions/{id}/explanation'>['rules'][number];
type Condition = Rule['conditions'][number];

/** What was read; and what was asked of it, where that is more than to be so. */
function conditionText({ key, cell, read, doubt }: Condition): string {
  const values = Object.entries(read).map(([name, value]) => `${name} is ${factText(value)}`);
  const known = doubt ?? values.join(', ');
  if (known === '') return `${key} ${cell}`;
  return /^(?:==|in\b)/.test(cell) ? known : `${known} (${key} ${cell})`;
}

function factText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Of the event that the payment's path tells whole. */
type ScoreTold = {
  readonly model?: { readonly name: string; readonly version: number };
  readonly status?: string;
  readonly fallback_reason?: string | null;
  readonly reasons?: readonly {
    readonly input: string;
    readonly contribution: number;
    readonly value: number | null;
  }[];
};

function Score({ shown, payment }: EvidenceProps) {
  const { score } = shown.evidence;
  if (score === null) {
    return (
      <Section title="Score">
        <span className="dimmed">No model was heard on this payment.</span>
      </Section>
    );
  }
  const { model, status, fallback_reason, reasons = [] } = (payment?.score ?? {}) as ScoreTold;
  const most = Math.max(...reasons.map(({ contribution }) => Math.abs(contribution)), 0);
  return (
    <Section
      title={`Score ${score.value === null ? 'none' : score.value.toFixed(3)}`}
      about={
        model && (
          <>
            by{' '}
            <Link to={`/models/${model.name}` as never}>
              {model.name} {model.version}
            </Link>
            {status !== undefined && status !== 'scored' && `, ${status}`}
            {fallback_reason && `: ${wordsOf(fallback_reason)}`}
          </>
        )
      }
    >
      {reasons.length === 0 && <span className="dimmed">It came without reasons.</span>}
      {reasons.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">What the model saw</th>
              <th scope="col" className="end">
                Value
              </th>
              <th scope="col" className="end">
                Adds
              </th>
              <th scope="col" style={{ width: '34%' }}>
                <span className="dimmed">towards fraud, or away</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ input, contribution, value }) => (
              <tr key={input}>
                <td>{wordsOf(input)}</td>
                <td className="end">{value ?? '–'}</td>
                <td className="end">{signed(contribution)}</td>
                <td>
                  <Bar
                    value={Math.abs(contribution)}
                    max={most}
                    color={contribution > 0 ? '--bad' : '--good'}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** What policy was told, without what stands elsewhere on the page. */
const toldElsewhere = new Set(['kind', 'channel', 'account_id', 'counter_account_id', 'amount']);

function Known({ payment }: { readonly payment: PaymentPath | undefined }) {
  const facts = payment?.decisions[0]?.facts;
  if (facts === undefined) return null;
  const shown = Object.entries(facts).filter(([name]) => !toldElsewhere.has(name));
  return (
    <Section title="Facts" about="as policy was told them">
      <div className="known">
        <Facts
          of={Object.fromEntries(
            shown.map(([name, value]) => [wordsOf(name), knownText(name, value)]),
          )}
        />
      </div>
    </Section>
  );
}

/** Of which currency an amount in home currency is, the facts do not tell. */
function knownText(name: string, value: unknown): string {
  return name.startsWith('amount') && typeof value === 'number'
    ? amountText(value, undefined)
    : factText(value);
}

function Verdicts({ of }: { readonly of: CaseDetail['verdicts'] }) {
  return (
    <Section title="Verdicts so far">
      {of.map(({ checker, verdict, reason, decided_at }) => (
        <div key={checker} className="detail-line">
          <State word={verdict === 'approve' ? 'approved' : 'rejected'} />
          <span>
            <Who principal={checker} /> <Time at={decided_at} />
          </span>
          <span className="text dimmed">{reason}</span>
        </div>
      ))}
    </Section>
  );
}

function Links({ of }: { readonly of: CaseDetail['evidence']['links'] }) {
  const found = of.filter(({ payments }) => payments.length > 0);
  const without = of.filter(({ payments }) => payments.length === 0);
  return (
    <Section title="Linked payments" about="of the last 90 days, the latest first">
      {found.map(({ dimension, key, payments }) => (
        <div key={dimension} style={{ marginBottom: 10 }}>
          <div>
            Same {wordsOf(dimension)} <span className="mono dimmed">{key}</span>
            <span className="dimmed"> · {payments.length}</span>
          </div>
          <LinkedPayments of={payments} />
        </div>
      ))}
      {without.length > 0 && (
        <span className="dimmed">
          None with the same {without.map(({ dimension }) => wordsOf(dimension)).join(', ')}.
        </span>
      )}
      {of.length === 0 && <span className="dimmed">Nothing to link it by.</span>}
    </Section>
  );
}

/** More than this are an explorer's matter. */
const linkedMax = 6;

function LinkedPayments({
  of,
}: {
  readonly of: CaseDetail['evidence']['links'][number]['payments'];
}) {
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">Payment</th>
          <th scope="col">When</th>
          <th scope="col">State</th>
          <th scope="col">Turned out</th>
          <th scope="col" className="end">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {of.slice(0, linkedMax).map(({ payment_id, at, status, label, amount, currency }) => (
          <tr key={payment_id}>
            <td>
              <Id id={payment_id} />
            </td>
            <td>
              <Time at={at} />
            </td>
            <td>
              <State word={status} />
            </td>
            <td>
              {label === null ? (
                <span className="dimmed">–</span>
              ) : (
                <State word={label} tone={label === 'fraud' ? 'bad' : 'good'} />
              )}
            </td>
            <td className="end">
              <Amount minor={amount} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
