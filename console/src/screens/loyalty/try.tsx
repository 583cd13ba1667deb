// A transaction that nobody has made: what it would earn now or at an instant to come, rule by rule.
// What is asked stands in the address, so that an answer can be sent to a colleague.
import { Button, Group, NativeSelect, Stack, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ApiProblem, call } from '../../api/client.ts';
import { useUrl } from '../../app/url.ts';
import { InstantInput } from '../../parts/instant-input.tsx';
import { Amount, amountText, minorUnitsOf, useExponents } from '../../parts/money.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, type Tone, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { LastDay, Time } from '../../parts/time.tsx';
import { pointsText } from './points.tsx';
import { kindWords, pointsWord } from './rules.tsx';
import type { Earning, Program } from './shapes.ts';

const evaluateOp = 'POST /v1/loyalty/programs/{name}/evaluate';
const kinds = ['purchase', 'deposit', 'international_payment', 'balance_milestone'] as const;
type Kind = (typeof kinds)[number];

/** Names in the address; the amount is written as the bank writes it. */
const texts = ['mcc', 'merchant', 'partner', 'channel', 'country', 'tier'] as const;
type Asked = Readonly<Record<(typeof texts)[number] | 'kind' | 'amount' | 'now', string>>;

export function TryIt({ program }: { readonly program: Program }) {
  const [url, setUrl] = useUrl();
  const asked = Object.fromEntries(
    (['kind', 'amount', 'now', ...texts] as const).map((name) => [name, url[name] ?? '']),
  ) as Asked;
  return (
    <div className="try">
      <Card title="A transaction that nobody has made">
        <TryForm
          key={JSON.stringify(asked)}
          program={program}
          asked={asked}
          ask={(next) => setUrl({ ...next })}
        />
      </Card>
      <Answered program={program} asked={asked} />
    </div>
  );
}

function TryForm({
  program,
  asked,
  ask,
}: {
  readonly program: Program;
  readonly asked: Asked;
  readonly ask: (next: Asked) => void;
}) {
  const [typed, setTyped] = useState(asked);
  const [isTried, setTried] = useState(false);
  const exponent = useExponents()?.get(program.currency);
  const isAmount = exponent !== undefined && minorUnitsOf(typed.amount, exponent) !== undefined;
  const set = (name: keyof Asked) => (value: string | undefined) =>
    setTyped((before) => ({ ...before, [name]: value ?? '' }));
  const field = (name: (typeof texts)[number], label: string, placeholder: string) => (
    <TextInput
      {...{ label, placeholder, value: typed[name] }}
      onChange={({ currentTarget }) => set(name)(currentTarget.value)}
    />
  );
  const levels = (program.tiers?.levels ?? []).map(({ id, title }) => ({
    value: id,
    label: title,
  }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isAmount) ask(typed);
  };
  return (
    <form onSubmit={submit}>
      <div className="try-fields">
        <NativeSelect
          size="xs"
          label="Kind"
          value={typed.kind === '' ? kinds[0] : typed.kind}
          data={kinds.map((kind) => ({ value: kind, label: kindWords(kind) }))}
          onChange={({ currentTarget }) => set('kind')(currentTarget.value)}
        />
        <TextInput
          label={`Amount in ${program.currency}`}
          placeholder="149.99"
          value={typed.amount}
          onChange={({ currentTarget }) => set('amount')(currentTarget.value)}
          error={isTried && !isAmount ? `No amount of ${program.currency}` : undefined}
          required
        />
        {field('mcc', 'MCC', '5812')}
        {field('merchant', 'Merchant', 'any')}
        {field('partner', 'Partner', 'any')}
        {field('channel', 'Channel', 'any')}
        {field('country', 'Country', 'AT')}
        <NativeSelect
          size="xs"
          label="Tier"
          value={typed.tier}
          data={[{ value: '', label: 'none' }, ...levels]}
          onChange={({ currentTarget }) => set('tier')(currentTarget.value)}
        />
        <InstantInput
          label="As of"
          value={typed.now === '' ? undefined : typed.now}
          onChange={set('now')}
        />
      </div>
      <Group mt="sm" gap="sm">
        <Button type="submit">Work it out</Button>
        <Text c="dimmed" fz="sm">
          Nothing is written, and nobody gets points.
        </Text>
      </Group>
    </form>
  );
}

function Answered({ program, asked }: { readonly program: Program; readonly asked: Asked }) {
  const exponent = useExponents()?.get(program.currency);
  const amount = exponent === undefined ? undefined : minorUnitsOf(asked.amount, exponent);
  const { data, error, refetch } = useQuery<Earning, ApiProblem>({
    queryKey: [evaluateOp, program.name, asked, amount],
    queryFn: ({ signal }) =>
      call(evaluateOp, {
        path: { name: program.name },
        body: bodyOf(asked, amount ?? 0),
        key: crypto.randomUUID(),
        signal,
      }),
    enabled: amount !== undefined,
  });
  if (asked.amount === '') {
    return (
      <Empty title="What would it earn?">
        Say what is paid, where and when: each rule tells what it saw and what it gave. With an
        instant to come, versions and campaigns that are planned count.
      </Empty>
    );
  }
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data || amount === undefined) return <Loading />;
  return (
    <Stack gap="md">
      <Card title={<Sum of={data} program={program} asked={asked} amount={amount} />}>
        <Facts
          of={{
            'By the version': <span className="mono">{data.version}</span>,
            'Counts as spending': <Amount minor={data.spend} currency={program.currency} />,
            'Becomes active':
              data.matures_at === null ? 'at once' : <Time at={data.matures_at} whole />,
            'Good until':
              data.expires_at === null ? 'without an end' : <LastDay end={data.expires_at} />,
            'Paid by': data.points === 0 ? undefined : <Parts of={data} />,
          }}
        />
      </Card>
      <Card title="Line by line" flush>
        <Trace of={data} program={program} />
      </Card>
    </Stack>
  );
}

function bodyOf(asked: Asked, amount: number) {
  const given = texts.filter((name) => asked[name].trim() !== '');
  return {
    transaction: {
      kind: (asked.kind === '' ? kinds[0] : asked.kind) as Kind,
      amount,
      ...Object.fromEntries(given.map((name) => [name, asked[name].trim()])),
    },
    ...(asked.now === '' ? {} : { now: asked.now }),
  };
}

const roundingWords = { half_up: 'halves up', down: 'rounded down', up: 'rounded up' } as const;

/** `149.99 USD at 5812: 149.99 + 149.99 dining = 299.98, halves up: 300 points`. */
function Sum({
  of,
  program,
  asked,
  amount,
}: {
  readonly of: Earning;
  readonly program: Program;
  readonly asked: Asked;
  readonly amount: number;
}) {
  const exponent = useExponents()?.get(program.currency);
  const given = of.trace.filter(({ held, worth }) => held && worth !== '0');
  const terms = given.map(({ rule, worth }) => `${worth} ${ruleName(rule)}`).join(' + ');
  const place = asked.mcc === '' ? '' : ` at ${asked.mcc}`;
  return (
    <>
      {amountText(amount, exponent)} {program.currency}
      {place}:{' '}
      {of.excluded === null ? (
        <>
          {terms === '' ? 'no rule gives anything' : terms}
          {given.length > 1 && sumText(given.map(({ worth }) => worth))}
          {terms !== '' && <span className="dimmed">, {roundingWords[program.earn.rounding]}</span>}
          : <strong>{pointsWord(of.points)}</strong>
        </>
      ) : (
        <>no points: {wordsOf(of.excluded.replaceAll('-', '_'))}</>
      )}
    </>
  );
}

/** ` = 299.98`, exactly; nothing where one of them is a fraction that no decimal says. */
function sumText(worths: readonly string[]): string {
  const parts = worths.map((worth) => /^(-?\d+)(?:\.(\d+))?$/.exec(worth));
  if (parts.some((each) => each === null)) return '';
  const digits = Math.max(0, ...parts.map((each) => each?.[2]?.length ?? 0));
  const sum = parts.reduce(
    (all, each) => all + BigInt((each?.[1] ?? '0') + (each?.[2] ?? '').padEnd(digits, '0')),
    0n,
  );
  return ` = ${amountText(Number(sum), digits)}`;
}

function Parts({ of }: { readonly of: Earning }) {
  return (
    <>
      {of.parts.map(({ points, campaign }) => (
        <div key={campaign ?? ''}>
          {pointsWord(points)}{' '}
          {campaign === null ? 'by the programme' : `by the budget of ${campaign}`}
        </div>
      ))}
    </>
  );
}

const whys: Readonly<Record<Earning['trace'][number]['why'], readonly [Tone, string]>> = {
  gives: ['good', 'gives'],
  excludes: ['bad', 'leaves it without points'],
  condition_does_not_hold: ['still', 'does not hold'],
  fact_missing: ['wait', 'a fact is missing'],
  condition_failed: ['wait', 'could not be worked out'],
  not_yet: ['still', 'has not begun'],
  over: ['still', 'is over'],
  another_multiplies_more: ['still', 'another multiplies more'],
  had_as_often_as_it_may: ['wait', 'was had as often as it may be'],
  nothing_to_multiply: ['still', 'there is nothing to multiply'],
};

function Trace({ of, program }: { readonly of: Earning; readonly program: Program }) {
  const exponent = useExponents()?.get(program.currency);
  const sawText = (fact: string, value: unknown) => {
    if (value === null) return 'unknown';
    return fact === 'amount' ? amountText(Number(value), exponent) : String(value);
  };
  return (
    <Table aria-label="Line by line" className="reading">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="28%">Rule</Table.Th>
          <Table.Th>What it saw</Table.Th>
          <Table.Th w={210}>What it says</Table.Th>
          <Table.Th ta="end" w={100}>
            Exactly
          </Table.Th>
          <Table.Th ta="end" w={90}>
            Points
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {of.trace.map((step) => (
          <Table.Tr key={step.rule} data-quiet={!step.held || undefined}>
            <Table.Th scope="row" fw={step.held ? 560 : 400}>
              <div>{titleOf(step.rule, program)}</div>
              {step.campaign !== null && (
                <div className="dimmed">from the budget of {step.campaign}</div>
              )}
            </Table.Th>
            <Table.Td>
              {Object.entries(step.saw).map(([fact, value]) => (
                <div key={fact}>
                  {fact} <strong>{sawText(fact, value)}</strong>
                </div>
              ))}
            </Table.Td>
            <Table.Td>
              <State word={step.held ? 'ok' : 'none'} tone={whys[step.why][0]}>
                {whys[step.why][1]}
              </State>
              {step.cuts.map(({ by, worth }) => (
                <div key={by} className="dimmed">
                  {worth} cut by {by}
                </div>
              ))}
            </Table.Td>
            <Table.Td ta="end">{step.held ? step.worth : ''}</Table.Td>
            <Table.Td ta="end">{step.held ? pointsText(step.points) : ''}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      <Table.Tfoot>
        <Table.Tr>
          <Table.Th scope="row" colSpan={4}>
            Rounded once, {roundingWords[program.earn.rounding]}
          </Table.Th>
          <Table.Td ta="end" fw={600}>
            {pointsText(of.points)}
          </Table.Td>
        </Table.Tr>
      </Table.Tfoot>
    </Table>
  );
}

function ruleName(rule: string): string {
  return rule === 'rate' ? '' : rule.replace('tier:', '');
}

function titleOf(rule: string, { earn, tiers }: Program): string {
  if (rule === 'rate') return 'The rate';
  const [kind, id] = rule.split(':');
  if (kind === 'tier') return `Tier ${tiers?.levels.find((each) => each.id === id)?.title ?? id}`;
  const excluded = earn.exclusions.find((each) => each.id === id);
  if (kind === 'exclusion') return excluded?.title ?? rule;
  return earn.rules.find((each) => each.id === rule)?.title ?? rule;
}
