// A programme to be read: what earns points and what does not, how they live, what tiers give.
import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { countText, shareText } from '../../parts/figures.ts';
import { amountText, useExponents } from '../../parts/money.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Instant } from '../../parts/time.tsx';
import { conditionText } from './conditions.ts';
import type { Program } from './shapes.ts';

type Rule = Program['earn']['rules'][number];

const stackings: Readonly<Record<Program['earn']['stacking'], string>> = {
  best: 'of several multipliers the highest counts',
  add: 'multipliers add what each has above one: 2 and 3 make 4',
  multiply: 'multipliers multiply: 2 and 3 make 6',
};
const roundings: Readonly<Record<Program['earn']['rounding'], string>> = {
  half_up: 'halves up',
  down: 'down',
  up: 'up',
};

export function ProgramRules({ program }: { readonly program: Program }) {
  return (
    <div className="stacked">
      <p className="text program-about">{program.description}</p>
      <div className="side-by-side">
        <Earning program={program} />
        <Life program={program} />
      </div>
      <Rules program={program} />
      <div className="side-by-side">
        <Exclusions program={program} />
        <Tiers program={program} />
      </div>
      <Examples program={program} />
    </div>
  );
}

/** `1 point for 1.00 USD`. */
function Earning({ program }: { readonly program: Program }) {
  const { earn, currency } = program;
  const exponent = useExponents()?.get(currency);
  const rates = Object.entries(earn.rates);
  return (
    <Card title="Earning">
      <Facts
        of={{
          ...Object.fromEntries(
            rates.map(([kind, rate]) => [
              kindWords(kind),
              `${pointsWord(rate.points)} for ${amountText(rate.per, exponent)} ${currency}`,
            ]),
          ),
          ...(rates.length === 0 ? { Rates: 'none: only bonuses earn' } : {}),
          Rounding: `once, of the sum: ${roundings[earn.rounding]}`,
          Stacking: stackings[earn.stacking],
          'At most worth': `${shareText(earn.reward_of_spend_bps_max / 10_000)} of the amount`,
          Caps: earn.caps ? <CapList caps={earn.caps} /> : null,
        }}
      />
    </Card>
  );
}

function Life({ program }: { readonly program: Program }) {
  const exponent = useExponents()?.get(program.currency);
  const { redemption, liability, pending } = program;
  return (
    <Card title="The life of a point">
      <Facts
        of={{
          Worth: valueText(program.point_value_micros, exponent, program.currency),
          'Rules as of':
            program.rules_as_of === 'authorization' ? 'the authorization' : 'the posting',
          'Becomes active': pending === 'immediate' ? 'at once' : `after ${pending.days} days`,
          Expires: expiryText(program.expiry),
          'Sent back': returnWords[program.returns],
          Redeemed: redemption
            ? `${countText(redemption.points_min)} to ${countText(redemption.points_max)}, in steps of ${countText(redemption.step)}`
            : undefined,
          'Accounted for': liability ? policyWords[liability.policy] : undefined,
          'Days and months': `of ${program.time_zone}`,
        }}
      />
    </Card>
  );
}

const returnWords: Readonly<Record<Program['returns'], string>> = {
  only_pending: 'pending points alone are taken back',
  within_balance: 'taken back, at most the balance',
  unlimited: 'all is taken back: the member may owe points',
};
const policyWords = {
  ifrs15: 'revenue deferred until points are used (IFRS 15)',
  ias37: 'a provision for their cost (IAS 37)',
} as const;

/** Millionths of a minor unit: `0.50 USD for 100`. */
export function valueText(micros: number, exponent: number | undefined, currency: string): string {
  const hundred = Math.round((micros * 100) / 1_000_000);
  return `${amountText(hundred, exponent)} ${currency} for 100 points`;
}

function expiryText(expiry: Program['expiry']): string {
  if (expiry.kind === 'never') return 'never';
  const from = expiry.from === 'earning' ? 'the earning' : 'the last activity';
  const after = `${expiry.months} months after ${from}`;
  if (expiry.kind === 'rolling') return after;
  return `${after}, at the end of the ${wordsOf(expiry.round_up_to).replace(' ', '-')}`;
}

function Rules({ program }: { readonly program: Program }) {
  const { rules } = program.earn;
  return (
    <Card title={`Rules · ${rules.length}`} flush>
      {rules.length === 0 ? (
        <p className="dimmed card-note">No rule adds to the rates.</p>
      ) : (
        <Table aria-label="Rules" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="26%">Rule</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th w={140}>Gives</Table.Th>
              <Table.Th w={170}>Time</Table.Th>
              <Table.Th w={170}>Cap</Table.Th>
              <Table.Th w={130}>Budget</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rules.map((rule) => (
              <RuleRow key={rule.id} rule={rule} currency={program.currency} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function RuleRow({ rule, currency }: { readonly rule: Rule; readonly currency: string }) {
  const { id, title, multiplier, points, times, from, until, caps, campaign } = rule;
  return (
    <Table.Tr id={`rule-${id}`}>
      <Table.Th scope="row" fw={400}>
        <div>{title}</div>
        <div className="mono dimmed">{id}</div>
      </Table.Th>
      <Table.Td>
        <When conditions={rule.if} currency={currency} />
      </Table.Td>
      <Table.Td>
        {multiplier !== undefined && <div>× {multiplier}</div>}
        {points !== undefined && <div>+ {countText(points)}</div>}
        {times && (
          <div className="dimmed">
            {times.count === 1 ? 'once' : `${times.count} times`} {perText(times.per)}
          </div>
        )}
      </Table.Td>
      <Table.Td>
        <TimeOf from={from} until={until} />
      </Table.Td>
      <Table.Td>{caps ? <CapList caps={caps} /> : <None />}</Table.Td>
      <Table.Td>
        {campaign === undefined ? <None /> : <span className="mono">{campaign}</span>}
      </Table.Td>
    </Table.Tr>
  );
}

function When({
  conditions = {},
  currency,
}: {
  readonly conditions?: Readonly<Record<string, string>> | undefined;
  readonly currency: string;
}) {
  const exponent = useExponents()?.get(currency);
  const all = Object.entries(conditions);
  if (all.length === 0) return <span className="dimmed">always</span>;
  const amountOf = (minor: number) => `${amountText(minor, exponent)} ${currency}`;
  return (
    <ul className="program-when">
      {all.map(([fact, cell]) => (
        <li key={fact} title={`${fact} ${cell}`}>
          {conditionText(fact, cell, amountOf)}
        </li>
      ))}
    </ul>
  );
}

function TimeOf({
  from,
  until,
}: {
  readonly from: string | undefined;
  readonly until: string | undefined;
}) {
  if (from === undefined && until === undefined) return <span className="dimmed">any</span>;
  return (
    <>
      {from !== undefined && (
        <div>
          from <Instant at={from} />
        </div>
      )}
      {until !== undefined && (
        <div>
          until <Instant at={until} />
        </div>
      )}
    </>
  );
}

function CapList({
  caps,
}: {
  readonly caps: readonly { readonly per: string; readonly points: number }[];
}) {
  return (
    <>
      {caps.map(({ per, points }) => (
        <div key={per}>
          {countText(points)} {perText(per)}
        </div>
      ))}
    </>
  );
}

export function perText(per: string): string {
  return per === 'ever' ? 'in all' : `a ${per}`;
}

function Exclusions({ program: { earn, currency } }: { readonly program: Program }) {
  return (
    <Card title={`Earns nothing · ${earn.exclusions.length}`} flush>
      {earn.exclusions.length === 0 ? (
        <p className="dimmed card-note">Nothing is left out.</p>
      ) : (
        <Table aria-label="What earns nothing" className="reading">
          <Table.Tbody>
            {earn.exclusions.map((each) => (
              <Table.Tr key={each.id}>
                <Table.Th scope="row" fw={400} w="46%">
                  <div>{each.title}</div>
                  <div className="mono dimmed">{each.id}</div>
                </Table.Th>
                <Table.Td>
                  <When conditions={each.if} currency={currency} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Tiers({ program }: { readonly program: Program }) {
  const { tiers, currency } = program;
  const exponent = useExponents()?.get(currency);
  if (!tiers) {
    return (
      <Card title="Tiers">
        <span className="dimmed">This programme has none.</span>
      </Card>
    );
  }
  const isSpend = tiers.basis === 'spend';
  const period =
    tiers.period.kind === 'calendar_year' ? 'a calendar year' : `${tiers.period.months} months`;
  return (
    <Card title={`Tiers · by ${isSpend ? 'spending' : 'points earned'} in ${period}`} flush>
      <Table aria-label="Tiers" className="reading">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Tier</Table.Th>
            <Table.Th ta="end">From</Table.Th>
            <Table.Th ta="end">Earns</Table.Th>
            <Table.Th>Benefits</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tiers.levels.map(({ id, title, threshold, multiplier, benefits }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" fw={560}>
                {title}
              </Table.Th>
              <Table.Td ta="end">
                {isSpend ? `${amountText(threshold, exponent)} ${currency}` : countText(threshold)}
              </Table.Td>
              <Table.Td ta="end">× {multiplier ?? '1'}</Table.Td>
              <Table.Td>
                {benefits.length === 0 ? <None /> : benefits.map((each) => each.title).join('; ')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <p className="dimmed card-note">
        Up at once; down at the end of the period
        {tiers.soft_landing ? ', by one tier at most' : ''}
        {tiers.grace_months ? `, ${tiers.grace_months} months later` : ''}.
      </p>
    </Card>
  );
}

function Examples({ program }: { readonly program: Program }) {
  const exponent = useExponents()?.get(program.currency);
  return (
    <Card title={`Worked out beforehand · ${program.examples.length}`} flush>
      <Table aria-label="Examples" className="reading">
        <Table.Tbody>
          {program.examples.map(({ name, transaction, expect }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} w="46%">
                {name}
              </Table.Th>
              <Table.Td>
                {kindWords(transaction.kind)} of {amountText(transaction.amount, exponent)}{' '}
                {transaction.currency ?? program.currency}
                {transaction.mcc !== undefined && ` at ${transaction.mcc}`}
                {transaction.tier !== undefined && `, ${transaction.tier}`}
              </Table.Td>
              <Table.Td ta="end" w={150}>
                {expect.excluded === undefined ? (
                  pointsWord(expect.points)
                ) : (
                  <State word="none">{`none: ${expect.excluded}`}</State>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

export function kindWords(kind: string): string {
  const words = wordsOf(kind);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function pointsWord(points: number): string {
  return `${countText(points)} ${points === 1 ? 'point' : 'points'}`;
}

function None(): ReactNode {
  return <span className="dimmed">–</span>;
}
