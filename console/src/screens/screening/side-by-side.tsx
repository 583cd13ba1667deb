// Who was looked for beside the entry of the list, row by row: what was compared, and how many points
// of the score came of it.
import type { ReactNode } from 'react';
import { Bar } from '../../parts/bar.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import type { Asked, Told } from './asked.ts';
import { Names, Pairs } from './names.tsx';
import { type Adjustment, birthText, explanationOf, type Hit, scoreMax } from './words.ts';

export function SideBySide({ hit, asked }: { readonly hit: Hit; readonly asked: Asked }) {
  const { entry, score } = hit;
  const { pairs = [], adjustments = [], name, name_score = score } = explanationOf(hit);
  const by = (word: string) => adjustments.find(({ reason }) => reason.startsWith(word));
  return (
    <table className="plain hit-sides">
      <thead>
        <tr>
          <td />
          <th scope="col">Who was looked for</th>
          <th scope="col">Whom the list names</th>
          <th scope="col">Compared</th>
          <th scope="col" className="end">
            Points
          </th>
        </tr>
      </thead>
      <tbody>
        <Row
          words="Name"
          asked={asked.name}
          listed={<Names entry={entry} matched={name} pairs={pairs} />}
          compared={<Pairs pairs={pairs} />}
          points={name_score}
        />
        <Row
          words="Kind"
          asked={asked.kind}
          listed={wordsOf(entry.entity_type)}
          by={by('entity_type')}
        />
        <Row
          words="Born"
          asked={asked.born}
          listed={entry.birth_dates.map(birthText).join(' or ')}
          by={by('birth')}
        />
        <Row
          words="Countries"
          asked={asked.countries}
          listed={entry.countries.join(', ')}
          by={by('country')}
        />
        <tr>
          <th scope="row">Listed as</th>
          <td />
          <td colSpan={3} className="text">
            {entry.programmes.join(', ') || <NotListed />}
          </td>
        </tr>
        <tr className="hit-total">
          <th scope="row">Score</th>
          <td />
          <td colSpan={2}>
            <Bar value={score} max={scoreMax} color="--look" />
          </td>
          <td className="end">{score}</td>
        </tr>
      </tbody>
    </table>
  );
}

function Row({
  words,
  asked,
  listed,
  by,
  compared = by && <Compared reason={by.reason} />,
  points = by?.points,
}: {
  readonly words: string;
  readonly asked: Told;
  readonly listed: ReactNode;
  readonly by?: Adjustment | undefined;
  readonly compared?: ReactNode;
  readonly points?: number | undefined;
}) {
  return (
    <tr className={words === 'Name' ? 'hit-names' : undefined}>
      <th scope="row">{words}</th>
      <td>
        {'value' in asked ? (
          <span className="text">{asked.value}</span>
        ) : (
          <span className="dimmed hit-hidden">{asked.why}</span>
        )}
      </td>
      <td>{listed === '' ? <NotListed /> : listed}</td>
      <td>{compared}</td>
      <td className="end">{points !== undefined && (by ? signed(points) : points)}</td>
    </tr>
  );
}

function NotListed() {
  return <span className="dimmed">not listed</span>;
}

function Compared({ reason }: { readonly reason: string }) {
  return (
    <State word={reason.includes('conflict') ? 'rejected' : 'ok'} tone="look">
      {wordsOf(reason)}
    </State>
  );
}

function signed(points: number): string {
  if (points === 0) return '0';
  return points > 0 ? `+${points}` : `−${-points}`;
}
