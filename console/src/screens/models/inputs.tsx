// The inputs of a model in the order of its tensor, with units, ranges and how training was spread.
import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { plainText, shareText } from './figures.ts';
import type { Card, CardInput, Histogram } from './shapes.ts';

const sources = { feature: 'feature store', fact: 'the decision', input: 'the caller' } as const;

export function Inputs({ card }: { readonly card: Card }) {
  const { data } = useApi('GET /v1/features', {}, { keep: true });
  const units = new Map(data?.items.map(({ id, unit }) => [id, unit]));
  return (
    <table className="plain tight inset">
      <thead>
        <tr>
          <th>Input</th>
          <th>What it is</th>
          <th>From</th>
          <th data-align="end">Range in training</th>
          <th>Unit</th>
          <th>Spread in training</th>
          <th>If missing</th>
        </tr>
      </thead>
      <tbody>
        {card.inputs.map((input) => (
          <tr key={input.name}>
            <th scope="row" className="mono">
              {input.from === 'feature' ? (
                <Link to={'/features' as never} search={{ id: input.name } as never}>
                  {input.name}
                </Link>
              ) : (
                input.name
              )}
            </th>
            <td>{input.description}</td>
            <td>{sources[input.from]}</td>
            <td data-align="end">{input.codes ? <Codes codes={input.codes} /> : rangeOf(input)}</td>
            <td>{units.get(input.name) ?? (input.codes ? 'code' : '')}</td>
            <td>
              <Spread of={card.reference.inputs[input.name]} />
            </td>
            <td>{missingText(input)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function rangeOf({ range }: CardInput): string {
  const [low, high] = range ?? [];
  if (typeof low !== 'number' || typeof high !== 'number') return '–';
  return `${plainText(low)} to ${plainText(high)}`;
}

function Codes({ codes }: { readonly codes: Readonly<Record<string, number>> }) {
  const names = Object.entries(codes).sort(([, one], [, other]) => one - other);
  return (
    <Tooltip label={names.map(([name, code]) => `${code} ${name}`).join(', ')}>
      <span className="explained">{names.length} values</span>
    </Tooltip>
  );
}

function missingText({ missing }: CardInput): string {
  if (missing === 'nan') return 'left empty';
  return missing === 'refuse' ? 'no score' : `read as ${plainText(missing)}`;
}

const barWidth = 7;
const height = 18;

/** Bins as the card has them: of equal shares mostly, so what is uneven stands out. */
function Spread({ of }: { readonly of: Histogram | undefined }) {
  if (!of) return null;
  const most = Math.max(...of.counts, 1);
  const all = of.counts.reduce((sum, count) => sum + count, 0) + of.missing;
  const low = of.edges[0];
  const high = of.edges.at(-1);
  const words =
    `${of.counts.length} bins from ${plainText(low ?? 0)} to ${plainText(high ?? 0)}, ` +
    `${shareText(all === 0 ? 0 : of.missing / all)} missing`;
  return (
    <Tooltip label={words}>
      <svg width={of.counts.length * barWidth} height={height} role="img" aria-label={words}>
        {of.counts.map((count, at) => {
          const tall = count === 0 ? 0 : Math.max(1, (count / most) * height);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: the bin is its place
              key={at}
              {...{ x: at * barWidth, y: height - tall, width: barWidth - 1.5, height: tall }}
              fill="var(--still)"
            />
          );
        })}
      </svg>
    </Tooltip>
  );
}
