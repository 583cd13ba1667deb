// What models have said of a customer last: which of them in which version, when, and by which
// decision; or what stood in for a model that said nothing.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Bar } from '../../parts/bar.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { Card } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import type { Engaged } from './shapes.ts';

type Models = Engaged['models'];
type Said = Omit<NonNullable<Models['churn']>, 'value'>;

export function ModelsOf({ of }: { readonly of: Engaged }) {
  const { lifetime_value: worth, churn, redemption } = of.models;
  return (
    <Card title="What models have said">
      <table className="plain" aria-label="What models have said">
        <tbody>
          <Row name="Spends within a year" said={worth}>
            {worth?.value != null && <Worth value={worth.value} of={of} program={worth.program} />}
            {worth?.segment != null && <div>{worth.segment} worth</div>}
          </Row>
          <Row name="Leaves" said={churn}>
            {churn?.value != null && (
              <Share of={churn.value} color={churn.value > 0.5 ? '--bad' : '--plane-ai'} />
            )}
          </Row>
          <Row name="Redeems unasked" said={redemption}>
            {redemption?.value != null && <Share of={redemption.value} color="--plane-ai" />}
            {redemption?.by_kind != null && <Likeliest of={redemption.by_kind} />}
          </Row>
        </tbody>
      </table>
    </Card>
  );
}

function Row({
  name,
  said,
  children,
}: {
  readonly name: string;
  readonly said: Said | null;
  /** The figure, where there is one. */
  readonly children: ReactNode;
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {said === null ? (
        <td className="dimmed">nobody was asked yet</td>
      ) : (
        <td>
          {said.status === 'fallback' && <div>no model has answered</div>}
          {children}
          <Origin of={said} />
        </td>
      )}
    </tr>
  );
}

const ways: Readonly<Record<string, string>> = { scored: 'by', rule: 'by points, in place of' };

function Origin({ of: { status, model, known_at, decision_id } }: { readonly of: Said }) {
  return (
    <div className="dimmed">
      {model && (
        <>
          {ways[status] ?? 'asked was'}{' '}
          <Link to={`/models/${model.name}` as never}>
            {model.name} {model.version}
          </Link>
          ,{' '}
        </>
      )}
      <Time at={known_at} />, <Id id={decision_id} />
    </div>
  );
}

/** In whole units of the currency of the programme: a model knows no cents. */
function Worth({
  value,
  of,
  program,
}: {
  readonly value: number;
  readonly of: Engaged;
  readonly program: string;
}) {
  const currency = of.loyalty.find((each) => each.program === program)?.currency ?? '';
  return (
    <span className="amount">
      {countText(Math.round(value))} <span className="currency">{currency}</span>
    </span>
  );
}

function Share({ of, color }: { readonly of: number; readonly color: string }) {
  return (
    <span className="bar-cell">
      <Bar value={of} max={1} color={color} />
      {shareText(of)}
    </span>
  );
}

function Likeliest({ of }: { readonly of: Readonly<Record<string, number>> }) {
  const [first] = Object.entries(of).toSorted(([, one], [, other]) => other - one);
  if (!first) return null;
  return <div>likeliest for {wordsOf(first[0])}</div>;
}
