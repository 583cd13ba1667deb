// The Merkle tree as it stands: complete subtrees side by side, and how they join to the root.
import { useId } from 'react';
import type { Answer } from '../../api/client.ts';
import { Folded } from '../../parts/explorer.tsx';
import { countText } from '../../parts/figures.ts';
import { CopyId } from '../../parts/id.tsx';
import { Link } from '@tanstack/react-router';

type Tree = Answer<'GET /v1/evidence/tree'>;
type Subtree = Tree['subtrees'][number];

const width = 860;
const gap = 10;
const levelPx = 6.5;
const joinPx = 17;
const top = 30;
const labelPx = 34;

type Peak = Subtree & { readonly x: number; readonly y: number; readonly half: number };

export function TreeDrawing({ tree }: { readonly tree: Tree }) {
  const title = useId();
  const { subtrees, joins, root, size } = tree;
  const { peaks, height, base } = placed(subtrees);
  // From the left: the root first. Where there is one subtree, its tip is the root.
  const nodes = [...joins].reverse().map(({ hash }, at) => ({
    ...{ hash, x: peaks[at]?.x ?? 0, y: top + at * joinPx },
  }));
  return (
    <svg
      className="tree"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-labelledby={title}
      preserveAspectRatio="xMinYMin meet"
    >
      <title id={title}>
        {`${countText(size)} events in ${subtrees.length} complete subtrees, joined to one root`}
      </title>
      {nodes.map((node, at) => (
        <Join
          key={node.hash}
          node={node}
          below={peaks[at]}
          beside={nodes[at + 1] ?? peaks.at(-1)}
        />
      ))}
      <line x1={0} x2={width} y1={base} y2={base} className="tree-ground" />
      {peaks.map((peak) => (
        <Mountain key={peak.from} peak={peak} base={base} />
      ))}
      <RootMark
        x={nodes[0]?.x ?? peaks[0]?.x ?? 0}
        y={nodes[0]?.y ?? peaks[0]?.y ?? 0}
        root={root}
      />
    </svg>
  );
}

/** Wider and higher with every level: a drawing to scale would show nothing but the first. */
function placed(subtrees: readonly Subtree[]) {
  const weights = subtrees.map(({ level }) => level + 2.2);
  const all = weights.reduce((sum, each) => sum + each, 0);
  const room = width - gap * (subtrees.length - 1);
  const highest = 12 + (subtrees[0]?.level ?? 0) * levelPx;
  const base = top + Math.max(0, subtrees.length - 1) * joinPx + highest + 6;
  let left = 0;
  const peaks = subtrees.map((subtree, at): Peak => {
    const own = ((weights[at] ?? 0) / all) * room;
    const peak = {
      ...subtree,
      ...{ x: left + own / 2, y: base - 12 - subtree.level * levelPx, half: own / 2 },
    };
    left += own + gap;
    return peak;
  });
  return { peaks, base, height: base + labelPx };
}

type Dot = { readonly x: number; readonly y: number };

function Join({
  node,
  below,
  beside,
}: {
  readonly node: Dot & { readonly hash: string };
  readonly below: Dot | undefined;
  readonly beside: Dot | undefined;
}) {
  return (
    <g>
      {[below, beside].map(
        (end) =>
          end && (
            <line
              key={`${end.x} ${end.y}`}
              x1={node.x}
              y1={node.y}
              x2={end.x}
              y2={end.y}
              className="tree-line"
            />
          ),
      )}
      <circle cx={node.x} cy={node.y} r={3.2} className="tree-node">
        <title>{node.hash}</title>
      </circle>
    </g>
  );
}

function Mountain({ peak, base }: { readonly peak: Peak; readonly base: number }) {
  const { x, y, half, from, to, hash } = peak;
  const count = to - from + 1;
  return (
    <g className="tree-peak">
      <title>{`${rangeText(from, to)}: ${hash}`}</title>
      <path d={`M${x} ${y} L${x + half} ${base} L${x - half} ${base} Z`} />
      <circle cx={x} cy={y} r={2.6} />
      {half > 15 && (
        <text x={x} y={base + 14}>
          {countText(count)}
        </text>
      )}
      {half > 48 && (
        <text x={x} y={base + 28} className="tree-range">
          {rangeText(from, to)}
        </text>
      )}
    </g>
  );
}

function RootMark({ x, y, root }: Dot & { readonly root: string }) {
  return (
    <g className="tree-root">
      <circle cx={x} cy={y} r={5} />
      <text x={x + 11} y={y - 9}>
        root <tspan>{root.slice(0, 16)}…</tspan>
      </text>
    </g>
  );
}

function rangeText(from: number, to: number): string {
  return from === to ? countText(from) : `${countText(from)} – ${countText(to)}`;
}

/** The same as figures. */
export function TreeTable({ tree }: { readonly tree: Tree }) {
  return (
    <Folded title={`The ${tree.subtrees.length} hashes from which the root is made`}>
      <table className="plain" aria-label="Complete subtrees">
        <thead>
          <tr>
            <th className="end">Events</th>
            <th>Places</th>
            <th>Hash</th>
          </tr>
        </thead>
        <tbody>
          {tree.subtrees.map(({ from, to, hash }) => (
            <tr key={from}>
              <td className="end">{countText(to - from + 1)}</td>
              <td>
                <Link to={`/events?place=${to}` as never}>{rangeText(from, to)}</Link>
              </td>
              <td className="mono hash">
                {hash} <CopyId text={hash} label="Copy the hash" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Folded>
  );
}
