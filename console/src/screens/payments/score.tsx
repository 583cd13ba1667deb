// What the model said of a payment, and what each of its inputs has added to that.
import { Link } from '@tanstack/react-router';
import { Folded } from '../../parts/explorer.tsx';
import { Facts } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Stage } from './stage.tsx';
import type { Score } from './words.ts';

export function ScoreView({ score }: { readonly score: Score | null }) {
  if (score === null) {
    return <Stage title="Score" about="no model was heard" plane="ai" isEmpty />;
  }
  const { value, reasons, inputs, shadows } = score;
  return (
    <Stage
      title={`Score ${value === null ? 'none' : value.toFixed(3)}`}
      plane="ai"
      about={<Origin of={score} />}
    >
      {reasons.length > 0 && <Weights of={reasons} />}
      {shadows.map(({ name, version, value: other }) => (
        <div key={`${name} ${version}`} className="dimmed">
          In the shadow{' '}
          <Link to={`/models/${name}` as never}>
            {name} {version}
          </Link>{' '}
          said {other === null ? 'nothing' : other.toFixed(3)}
        </div>
      ))}
      <Folded title={`${Object.keys(inputs).length} inputs of the model`}>
        <div className="known">
          <Facts
            of={Object.fromEntries(
              Object.entries(inputs).map(([name, each]) => [wordsOf(name), figure(each)]),
            )}
          />
        </div>
      </Folded>
    </Stage>
  );
}

const stood: Readonly<Record<string, string>> = {
  low_confidence: 'the model was not sure enough',
  timeout: 'the model was too late',
};

function Origin({ of }: { readonly of: Score }) {
  const { model, status, stage, latency_us: us, fallback_reason: why } = of;
  const name = model && (
    <Link to={`/models/${model.name}` as never}>
      {model.name} {model.version}
    </Link>
  );
  const took = `in ${(us / 1_000).toFixed(1)} ms`;
  if (status === 'scored') {
    return (
      <>
        by {name}, {stage}, {took}
      </>
    );
  }
  return (
    <>
      by {status === 'rule' ? 'points' : status} in place of {name}
      {why !== null && `: ${stood[why] ?? wordsOf(why)}`}, {took}
    </>
  );
}

function Weights({ of }: { readonly of: Score['reasons'] }) {
  const most = Math.max(...of.map(({ contribution }) => Math.abs(contribution)));
  return (
    <table className="weights">
      <thead>
        <tr>
          <th scope="col">The model saw</th>
          <th scope="col" className="end">
            Value
          </th>
          <th scope="col" className="end">
            Adds
          </th>
          <th scope="col" style={{ width: '38%' }}>
            ← away from fraud · towards it →
          </th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ input, value, contribution }) => (
          <tr key={input}>
            <td>{wordsOf(input)}</td>
            <td className="end">{figure(value)}</td>
            <td className="end">
              {contribution < 0 ? '−' : '+'}
              {Math.abs(contribution).toFixed(2)}
            </td>
            <td>
              <Weight share={contribution / most} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** From −1 to 1; the figure stands beside it. */
function Weight({ share }: { readonly share: number }) {
  const width = `${Math.abs(share) * 50}%`;
  const style = share < 0 ? { right: '50%', width } : { left: '50%', width };
  return (
    <span className="weight" aria-hidden>
      <span style={{ ...style, background: `var(${share < 0 ? '--good' : '--bad'})` }} />
    </span>
  );
}

function figure(value: number | null): string {
  if (value === null) return '–';
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(4);
}
