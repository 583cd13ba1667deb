// What would come out otherwise: how many decisions, of how much, by outcome and reason, with
// examples. Back-tests, shadows and replays all tell it in this shape.
import { Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Answer } from '../api/client.ts';
import { shortId } from './id.tsx';
import { Amount } from './money.tsx';
import { Card } from './screen.tsx';
import { State, wordsOf } from './state.tsx';
import './drift.css';

type Backtest = Answer<'GET /v1/policy-bundles/{digest}/backtests/{id}'>['report'];
export type DriftExample = Backtest['examples'][number];
/** Of back-tests, shadows and replays; these tell their examples in pages of their own. */
export type DriftReport = Pick<
  Backtest,
  'decisions' | 'changed' | 'altered' | 'changes' | 'passing' | 'reasons' | 'segments'
> &
  Pick<Backtest, 'facts_missing'> & { readonly examples?: readonly DriftExample[] };
type Amounts = DriftReport['passing']['new']['amounts'];

const outcomes = ['allow', 'hold', 'review', 'deny'] as const;
const segmentsShown = 8;
const reasonsShown = 12;

export function countText(count: number): string {
  return count.toLocaleString('en');
}

/** Never rounded up to all: one that differs of a million is not 100 %. */
export function shareText(part: number, of: number): string {
  if (of === 0) return 'none';
  const percent = (part / of) * 100;
  if (part === of) return '100 %';
  return `${Math.min(percent, 99.99).toFixed(2)} %`;
}

export function DriftView({ report }: { readonly report: DriftReport }) {
  if (report.decisions === 0) {
    return <Text c="dimmed">No decision was on record there: there is nothing to compare.</Text>;
  }
  return (
    <div className="drift">
      <Figures report={report} />
      <div className="drift-pair">
        <Card title="Outcomes, before and after" flush>
          <Matrix report={report} />
        </Card>
        <Card title="Reasons" flush>
          <Reasons report={report} />
        </Card>
      </div>
      <Card title="Where it changes" flush>
        <Segments report={report} />
      </Card>
      {report.facts_missing.length > 0 && (
        <Card title="Facts that past decisions do not have">
          <Text mb={4}>
            Where these were needed, the answer is review: it may be otherwise once they are
            supplied.
          </Text>
          {report.facts_missing.map(({ fact, decisions }) => (
            <div key={fact}>
              <span className="mono">{fact}</span>{' '}
              <span className="dimmed">{countText(decisions)} decisions</span>
            </div>
          ))}
        </Card>
      )}
      {report.examples !== undefined && <DriftExamples examples={report.examples} />}
    </div>
  );
}

function Figures({ report }: { readonly report: DriftReport }) {
  const { decisions, changed, altered, passing, changes } = report;
  const among = (isAmong: (from: string, to: string) => boolean) =>
    changes.filter(({ from, to }) => isAmong(from, to)).reduce((n, each) => n + each.decisions, 0);
  const denied = among((_, to) => to === 'deny');
  const undenied = among((from) => from === 'deny');
  return (
    <div className="figures">
      <Figure name="Same outcome" value={shareText(decisions - changed, decisions)}>
        {countText(decisions)} decisions, {countText(changed)} changed
      </Figure>
      <Figure name="New denials" value={countText(denied)} tone={denied > 0 ? 'bad' : undefined}>
        denied now, not before
      </Figure>
      <Figure name="Lost denials" value={countText(undenied)}>
        denied before, no longer
      </Figure>
      <Figure name="Newly allowed" value={countText(passing.new.decisions)}>
        <Sums of={passing.new.amounts} />
      </Figure>
      <Figure name="No longer allowed" value={countText(passing.lost.decisions)}>
        <Sums of={passing.lost.amounts} />
      </Figure>
      <Figure name="Other details" value={countText(altered)}>
        same outcome, another reason, limit or answer
      </Figure>
    </div>
  );
}

export function Figure({
  name,
  value,
  tone,
  children,
}: {
  readonly name: string;
  readonly value: ReactNode;
  readonly tone?: 'good' | 'bad' | undefined;
  readonly children?: ReactNode;
}) {
  return (
    <div className="figure">
      <div className="figure-name">{name}</div>
      <div className="figure-value" data-tone={tone}>
        {value}
      </div>
      <div className="figure-about">{children}</div>
    </div>
  );
}

function Sums({ of }: { readonly of: Amounts }) {
  if (of.length === 0) return <>no amounts</>;
  return (
    <>
      {of.map(({ currency, amount }) => (
        <div key={currency}>
          <Amount minor={Number(amount)} currency={currency} />
        </div>
      ))}
    </>
  );
}

function Matrix({ report }: { readonly report: DriftReport }) {
  const cell = (from: string, to: string) =>
    report.changes.find((each) => each.from === from && each.to === to);
  return (
    <Table className="matrix" aria-label="Outcomes before and after">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Before ↓ After →</Table.Th>
          {outcomes.map((to) => (
            <Table.Th key={to} ta="right">
              {to}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {outcomes.map((from) => (
          <Table.Tr key={from}>
            <Table.Th scope="row">
              <State word={from} />
            </Table.Th>
            {outcomes.map((to) => {
              const found = cell(from, to);
              return (
                <Table.Td key={to} ta="right" data-changed={found !== undefined || undefined}>
                  {from === to ? (
                    <span className="dimmed">same</span>
                  ) : found ? (
                    <>
                      {countText(found.decisions)}
                      <div className="figure-about">
                        {found.amounts.length > 0 && <Sums of={found.amounts} />}
                      </div>
                    </>
                  ) : (
                    <span className="dimmed">0</span>
                  )}
                </Table.Td>
              );
            })}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Those that stay as frequent as they were are only counted. */
function Reasons({ report }: { readonly report: DriftReport }) {
  const by = ({ before, after }: DriftReport['reasons'][number]) => Math.abs(after - before);
  const rows = report.reasons
    .filter((each) => by(each) > 0)
    .sort((one, other) => by(other) - by(one))
    .slice(0, reasonsShown);
  const rest = report.reasons.length - rows.length;
  return (
    <Table aria-label="Reasons before and after">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Reason</Table.Th>
          <Table.Th ta="right">Before</Table.Th>
          <Table.Th ta="right">After</Table.Th>
          <Table.Th ta="right">Change</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ reason, before, after }) => (
          <Table.Tr key={reason}>
            <Table.Td>{wordsOf(reason)}</Table.Td>
            <Table.Td ta="right">{countText(before)}</Table.Td>
            <Table.Td ta="right">{countText(after)}</Table.Td>
            <Table.Td ta="right" fw={600}>
              {changeText(after - before)}
            </Table.Td>
          </Table.Tr>
        ))}
        {rest > 0 && (
          <Table.Tr>
            <Table.Td colSpan={4} c="dimmed">
              {countText(rest)} {rows.length === 0 ? 'reasons, all' : 'other reasons'} as frequent
              as before
            </Table.Td>
          </Table.Tr>
        )}
      </Table.Tbody>
    </Table>
  );
}

function changeText(by: number): string {
  return by === 0 ? '0' : by > 0 ? `+${countText(by)}` : `−${countText(-by)}`;
}

/** Where nothing changes is left out, unless nothing changes anywhere. */
function Segments({ report }: { readonly report: DriftReport }) {
  const touched = report.segments.filter(({ changed }) => changed > 0);
  const shown = [...touched]
    .sort((one, other) => other.changed / other.decisions - one.changed / one.decisions)
    .slice(0, segmentsShown);
  if (shown.length === 0) {
    return (
      <Text c="dimmed" p="sm">
        Nowhere: every decision comes out as it did.
      </Text>
    );
  }
  return (
    <Table aria-label="Where it changes">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>By</Table.Th>
          <Table.Th>Value</Table.Th>
          <Table.Th ta="right">Decisions</Table.Th>
          <Table.Th ta="right">Changed</Table.Th>
          <Table.Th ta="right">Share</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shown.map(({ by, value, decisions, changed }) => (
          <Table.Tr key={`${by} ${value}`}>
            <Table.Td>{wordsOf(by)}</Table.Td>
            <Table.Td>{by === 'amount' ? bandText(value) : wordsOf(value)}</Table.Td>
            <Table.Td ta="right">{countText(decisions)}</Table.Td>
            <Table.Td ta="right">{countText(changed)}</Table.Td>
            <Table.Td ta="right">{shareText(changed, decisions)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** `1000-9999` reads `1,000 to 9,999 minor units`. */
function bandText(band: string): string {
  return `${band.split('-').map(Number).map(countText).join(' to ')} minor units`;
}

export function DriftExamples({ examples }: { readonly examples: readonly DriftExample[] }) {
  return (
    <Card title="Examples" flush>
      {examples.length === 0 ? (
        <Text c="dimmed" p="sm">
          No outcome changes.
        </Text>
      ) : (
        <Table aria-label="Decisions that would come out otherwise">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Decision</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>After</Table.Th>
              <Table.Th>Why now</Table.Th>
              <Table.Th ta="right">Amount</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {examples.map((example) => (
              <Example key={example.decision_id} example={example} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Example({ example }: { readonly example: DriftExample }) {
  const { decision_id, from, to, facts } = example;
  const amount = facts?.['amount'];
  const currency = facts?.['currency'];
  return (
    <Table.Tr>
      <Table.Td>
        <Link to={`/decisions/${decision_id}` as never} className="mono">
          {shortId(decision_id)}
        </Link>
      </Table.Td>
      <Table.Td>
        <State word={from.outcome} />
      </Table.Td>
      <Table.Td>
        <State word={to.outcome} />
      </Table.Td>
      <Table.Td>{to.reasons.map(wordsOf).join(', ') || 'no reason'}</Table.Td>
      <Table.Td ta="right">
        {typeof amount === 'number' && typeof currency === 'string' ? (
          <Amount minor={amount} currency={currency} />
        ) : null}
      </Table.Td>
    </Table.Tr>
  );
}
