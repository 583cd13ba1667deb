// A bundle to be read: what its rules say and why, its limits, tables, facts and tests, in words.
import { Group, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { type ReactNode, useDeferredValue, useMemo, useRef } from 'react';
import { useUrl } from '../../app/url.ts';
import { useApi } from '../../api/queries.ts';
import { useKeys } from '../../parts/keys.tsx';
import { useExponents } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import type { Bundle, Conditions, Decisive, Limit, Rule } from './shape.ts';
import {
  cellWords,
  keyWords,
  obligationWords,
  type Speech,
  speechOf,
  valueWords,
  windowWords,
} from './words.ts';
import { FactsCard, FormulasCard, TestsCard, useSome } from './bundle-parts.tsx';
import './policies.css';

export function useSpeech(bundle: Bundle): Speech {
  const exponents = useExponents();
  return useMemo(() => speechOf(bundle, exponents), [bundle, exponents]);
}

export function BundleView({ bundle }: { readonly bundle: Bundle }) {
  const [{ q = '' }, setUrl] = useUrl();
  const box = useRef<HTMLInputElement>(null);
  const speech = useSpeech(bundle);
  const wanted = useDeferredValue(q.trim().toLowerCase());
  useKeys([{ key: 'f', words: 'Find in the rules', act: () => box.current?.focus() }]);
  const { nodes = {}, limits = [] } = bundle;
  const tables = Object.entries(nodes).filter(
    (each): each is [string, Decisive] => each[1].kind === 'table',
  );
  const isWanted = (each: object) =>
    wanted === '' || JSON.stringify(each).toLowerCase().includes(wanted);
  const rules = bundle.rules.filter(
    (rule) => isWanted(rule) || isWanted({ words: bundle.reasons[rule.reason] ?? '' }),
  );
  return (
    <div className="bundle-view">
      <Group gap="sm" align="flex-start" wrap="nowrap">
        <Text className="text" maw={860} mr="auto">
          {bundle.description}
        </Text>
        <TextInput
          ref={box}
          w={200}
          flex="none"
          aria-label="Find in the rules"
          placeholder="Find in the rules (f)"
          value={q}
          onChange={({ currentTarget }) => setUrl({ q: currentTarget.value })}
        />
      </Group>
      <RulesCard rules={rules} of={bundle} speech={speech} />
      {limits.length > 0 && <LimitsCard limits={limits.filter(isWanted)} speech={speech} />}
      {tables.map(([name, table]) => (
        <TableCard key={name} {...{ name, table, speech }} isWanted={isWanted} />
      ))}
      <FormulasCard bundle={bundle} />
      <FactsCard bundle={bundle} />
      <TestsCard bundle={bundle} />
    </div>
  );
}

function RulesCard({
  rules,
  of,
  speech,
}: {
  readonly rules: readonly Rule[];
  readonly of: Bundle;
  readonly speech: Speech;
}) {
  const { some, more } = useSome(rules);
  const all = of.rules.length;
  return (
    <Card
      flush
      title={`Rules · ${rules.length === all ? all : `${rules.length} of ${all}`}`}
      actions={
        <Text c="dimmed" fz="sm">
          All rules that hold are heard; the strictest outcome is the answer.
        </Text>
      }
    >
      <Table className="rules" aria-label="Rules" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={210}>Rule</Table.Th>
            <Table.Th>When all of this holds</Table.Th>
            <Table.Th w={86}>Then</Table.Th>
            <Table.Th w="34%">Because, and what is due</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {some.map((rule) => (
            <Table.Tr key={rule.id}>
              <Table.Td fw={560}>{rule.id}</Table.Td>
              <Table.Td>
                <When conditions={rule.if} speech={speech} />
              </Table.Td>
              <Table.Td>
                <State word={rule.outcome} />
              </Table.Td>
              <Table.Td>
                <Because rule={rule} reasons={of.reasons} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rules.length === 0 && <Nothing>No rule has these words.</Nothing>}
      {more}
    </Card>
  );
}

function Nothing({ children }: { readonly children: ReactNode }) {
  return (
    <Text c="dimmed" p="sm">
      {children}
    </Text>
  );
}

function Because({ rule, reasons }: { readonly rule: Rule; readonly reasons: Bundle['reasons'] }) {
  const due = obligationWords(rule.obligations ?? {});
  return (
    <>
      <div className="text">{reasons[rule.reason] ?? wordsOf(rule.reason)}</div>
      {due.length > 0 && <div className="due">{due.join('; ')}</div>}
      {rule.note !== undefined && <div className="note text">{rule.note}</div>}
    </>
  );
}

export function When({
  conditions = {},
  speech,
}: {
  readonly conditions?: Conditions | undefined;
  readonly speech: Speech;
}) {
  const all = Object.entries(conditions);
  if (all.length === 0) return <span className="dimmed">always</span>;
  return (
    <ul className="when">
      {all.map(([key, cell]) => (
        <li key={key}>
          <ConditionText {...{ fact: key, cell, speech }} />
        </li>
      ))}
    </ul>
  );
}

/** In words, with its own text on hover; as its text where words would say less. */
export function ConditionText({
  fact,
  cell,
  speech,
}: {
  readonly fact: string;
  readonly cell: string;
  readonly speech: Speech;
}) {
  const words = cellWords(fact, cell, speech);
  if (words === undefined) {
    return (
      <span className="mono">
        {fact} {cell}
      </span>
    );
  }
  return (
    <Tooltip label={`${fact} ${cell}`} openDelay={500} multiline maw={520}>
      <span>
        <span className="dimmed">{keyWords(fact)}</span>
        {words === 'yes' || words === 'no' ? ': ' : ' '}
        {words}
      </span>
    </Tooltip>
  );
}

function LimitsCard({
  limits,
  speech,
}: {
  readonly limits: readonly Limit[];
  readonly speech: Speech;
}) {
  return (
    <Card title={`Limits · ${limits.length}`} flush>
      <Table className="rules" aria-label="Limits">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={210}>Limit</Table.Th>
            <Table.Th>When all of this holds</Table.Th>
            <Table.Th>At most</Table.Th>
            <Table.Th w="34%">Counted for</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {limits.map((limit) => (
            <Table.Tr key={limit.id}>
              <Table.Td fw={560}>{limit.id}</Table.Td>
              <Table.Td>
                <When conditions={limit.if} speech={speech} />
              </Table.Td>
              <Table.Td>
                {valueWords(limit.amount, limit.cap, speech)}
                {limit.measure === 'count' ? ' times' : ''}, {windowWords(limit.window)}
              </Table.Td>
              <Table.Td>
                <span className="mono">{limit.key}</span>
                {limit.measure === 'amount' && (
                  <span className="dimmed"> by {keyWords(limit.amount)}</span>
                )}
                {limit.note !== undefined && <div className="note text">{limit.note}</div>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function TableCard({
  name,
  table,
  speech,
  isWanted,
}: {
  readonly name: string;
  readonly table: Decisive;
  readonly speech: Speech;
  readonly isWanted: (each: object) => boolean;
}) {
  const { data } = useApi('GET /v1/policy-schema', {}, { keep: true });
  const hit = data?.hit_policies.find((each) => each.name === table.hit)?.description;
  const rules = table.rules.filter(isWanted);
  const { some, more } = useSome(rules);
  return (
    <Card
      flush
      title={`Table: ${wordsOf(name)} · ${table.rules.length}`}
      actions={
        <Text c="dimmed" fz="sm" className="clip">
          {hit ?? wordsOf(table.hit)}
        </Text>
      }
    >
      {table.description !== undefined && (
        <Text c="dimmed" px="sm" py={6}>
          {table.description}
        </Text>
      )}
      <Table className="rules" aria-label={`Table ${wordsOf(name)}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={210}>Rule</Table.Th>
            <Table.Th>When all of this holds</Table.Th>
            <Table.Th w="34%">Value</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {some.map((rule) => (
            <Table.Tr key={rule.id}>
              <Table.Td fw={560}>{rule.id}</Table.Td>
              <Table.Td>
                <When conditions={rule.if} speech={speech} />
              </Table.Td>
              <Table.Td>
                {valueWords(name, rule.value, speech)}
                {rule.note !== undefined && <div className="note text">{rule.note}</div>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rules.length === 0 && <Nothing>No rule of this table has these words.</Nothing>}
      {more}
    </Card>
  );
}
