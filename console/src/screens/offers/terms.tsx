// Why an offer was chosen: P × C × V × L term by term, with bars, and how each of the others fared.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Bar } from '../../parts/bar.tsx';
import { shareText } from '../../parts/figures.ts';
import { Amount } from '../../parts/money.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import type { Candidate, Terms } from './shapes.ts';

const sources: Readonly<Record<string, string>> = {
  model: 'a model says so',
  smoothed: 'by its answers so far and what was expected',
  starting: 'expected before anything was learnt',
};

const million = 1_000_000;

/**
 * The four terms of one, on one scale: shares, and the value as one of `most`, that of the dearest of
 * all candidates.
 */
export function TermsView({
  terms,
  currency,
  most,
}: {
  readonly terms: Terms;
  readonly currency: string;
  readonly most: number;
}) {
  const { p_ppm, p_source, c_percent, v, l_percent, used } = terms;
  const [context, lever] = [c_percent / 100, l_percent / 100];
  const max = Math.max(1, context, lever);
  const rows = [
    {
      ...{ name: 'propensity', letter: 'P', about: sources[p_source] ?? wordsOf(p_source) },
      ...{ figure: shareText(p_ppm / million), share: p_ppm / million, color: '--plane-ai' },
    },
    {
      ...{ name: 'context', letter: 'C', about: 'how well it fits here and now' },
      ...{ figure: `${c_percent} %`, share: context, color: '--look' },
    },
    {
      ...{ name: 'value', letter: 'V', about: 'what an acceptance is worth to the bank' },
      figure: <Amount minor={v} currency={currency} />,
      ...{ share: most === 0 ? 0 : v / most, color: '--plane-money' },
    },
    {
      ...{ name: 'lever', letter: 'L', about: 'what the business pushes or holds back' },
      ...{ figure: `${l_percent} %`, share: lever, color: '--plane-policy' },
    },
  ];
  return (
    <>
      <table className="plain terms" aria-label="Terms">
        <tbody>
          {rows.map(({ name, letter, figure, share, color, about }) => (
            <tr key={name}>
              <th scope="row">
                <strong>{letter}</strong> {name}
              </th>
              <td className="terms-figure">{figure}</td>
              <td className="terms-bar">
                <Bar value={share} max={max} color={color} />
              </td>
              <td className="dimmed">
                {used.includes(name) ? about : 'is switched off: it does not count'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="card-foot dimmed">
        All bars go up to {shareText(max)}; that of the value is its part of{' '}
        <Amount minor={most} currency={currency} />, the dearest that was looked at.
      </p>
    </>
  );
}

const stages: Readonly<Record<string, string>> = {
  in_force: 'not in force',
  channel: 'not by this channel',
  eligibility: 'not eligible',
  applicability: 'not applicable',
  suitability: 'not suitable',
  consent: 'no consent',
  contact_policy: 'contact policy',
  volume: 'none left',
  breaker: 'stopped',
  experiment: 'control group',
  arbitration: 'outranked',
};

/** Every action that was looked at: the ranked ones first. */
export function Candidates({
  of,
  chosen,
  currency,
}: {
  readonly of: readonly Candidate[];
  /** Of the offer that is looked at. */
  readonly chosen: string | undefined;
  readonly currency: string;
}) {
  const top = Math.max(1, ...of.map(({ terms }) => Number(terms?.priority ?? 0)));
  return (
    <Table aria-label="Candidates" className="reading">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={24} ta="end">
            <abbr title="Rank">No.</abbr>
          </Table.Th>
          <Table.Th w="54%">Action: P × C × V × L</Table.Th>
          <Table.Th>What became of it</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {of.map((each) => (
          <CandidateRow
            key={each.action}
            {...{ each, top, currency }}
            isHere={each.action === chosen}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function CandidateRow({
  each: { action, version, rank, terms, reasons, refused, arm },
  top,
  currency,
  isHere,
}: {
  readonly each: Candidate;
  readonly top: number;
  readonly currency: string;
  readonly isHere: boolean;
}) {
  const none = <span className="dimmed">–</span>;
  return (
    <Table.Tr data-here={isHere || undefined}>
      <Table.Td ta="end">{rank ?? none}</Table.Td>
      <Table.Th scope="row" fw={400}>
        <Link to={`/offers/actions/${action}` as never} className="mono">
          {action}
        </Link>{' '}
        <span className="dimmed">version {version}</span>
        {terms && (
          <>
            <div className="candidate-terms">
              {shareText(terms.p_ppm / million)} × {terms.c_percent} % ×{' '}
              <Amount minor={terms.v} currency={currency} /> × {terms.l_percent} %
            </div>
            <Bar value={Number(terms.priority)} max={top} color="--plane-policy" />
          </>
        )}
      </Table.Th>
      <Table.Td>
        {refused.length === 0 ? (
          <>
            <State word="allow">offered</State>
            {arm === 'explored' && <span className="dimmed"> by chance, to learn</span>}
            {reasons.length > 0 && <div className="dimmed">{reasons.join('; ')}</div>}
          </>
        ) : (
          refused.map(({ stage, rule, says }) => (
            <div key={`${stage} ${rule}`}>
              <State word="none">{stages[stage] ?? wordsOf(stage)}</State>{' '}
              <span className="text">{says}</span>
            </div>
          ))
        )}
      </Table.Td>
    </Table.Tr>
  );
}
