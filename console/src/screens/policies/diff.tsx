// What makes one bundle another, part by part and cell by cell: what was stands struck through
// beside what is.
import { Table, Text } from '@mantine/core';
import { ArrowUpDown, type LucideIcon, Minus, Pencil, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { Card } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { ConditionText, useSpeech, When } from './bundle-view.tsx';
import type { Bundle, Change, Conditions } from './shape.ts';
import { obligationWords, type Speech } from './words.ts';

const parts: Readonly<Record<string, string>> = {
  about: 'Title and description',
  facts: 'Facts',
  reasons: 'Reasons',
  nodes: 'Worked out first',
  table_rules: 'Rules of tables',
  rules: 'Rules',
  limits: 'Limits',
  answers: 'Answers',
  tests: 'Tests',
};
/** What matters most to whoever approves comes first. */
const order = ['rules', 'limits', 'table_rules', 'nodes', 'reasons', 'facts', 'answers', 'about'];
const looks: Readonly<Record<Change['change'], readonly [string, LucideIcon]>> = {
  added: ['good', Plus],
  removed: ['bad', Minus],
  changed: ['wait', Pencil],
  moved: ['still', ArrowUpDown],
};
const changesShown = 200;

export function useDiff(digest: string, against: string | undefined) {
  return useApi(
    'GET /v1/policy-bundles/{digest}/diff',
    { path: { digest }, query: { against: against ?? '' } },
    { enabled: against !== undefined && against !== digest },
  );
}

/** The differences between two bundles on record, `bundle` being one of them. */
export function DiffOf({
  digest,
  against,
  bundle,
}: {
  readonly digest: string;
  readonly against: string;
  readonly bundle: Bundle;
}) {
  const { data, error, refetch } = useDiff(digest, against);
  const speech = useSpeech(bundle);
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return <DiffView changes={data.changes} speech={speech} />;
}

export function DiffView({
  changes,
  speech,
}: {
  readonly changes: readonly Change[];
  readonly speech: Speech;
}) {
  if (changes.length === 0) {
    return <Empty title="No difference">Both bundles say the same.</Empty>;
  }
  const present = [...new Set([...order, ...changes.map(({ part }) => part)])];
  return (
    <div className="bundle-view">
      {present.map((part) => {
        const own = changes.filter((each) => each.part === part);
        return own.length === 0 ? null : (
          <PartCard key={part} part={part} changes={own} speech={speech} />
        );
      })}
    </div>
  );
}

/** `2 added, 1 changed`. */
export function countWords(changes: readonly Change[]): string {
  return (['added', 'removed', 'changed', 'moved'] as const)
    .map((word) => [changes.filter(({ change }) => change === word).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function PartCard({
  part,
  changes,
  speech,
}: {
  readonly part: string;
  readonly changes: readonly Change[];
  readonly speech: Speech;
}) {
  const rest = changes.length - changesShown;
  return (
    <Card title={`${parts[part] ?? wordsOf(part)} · ${countWords(changes)}`} flush>
      <Table className="rules diff" aria-label={`Differences: ${parts[part] ?? part}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={110}>Change</Table.Th>
            <Table.Th w={210}>Of</Table.Th>
            <Table.Th>Before and after</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.slice(0, changesShown).map((change) => (
            <Table.Tr key={change.id}>
              <Table.Td>
                <ChangeWord change={change} />
              </Table.Td>
              <Table.Td fw={560}>{change.id}</Table.Td>
              <Table.Td>
                <Detail change={change} speech={speech} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rest > 0 && (
        <Text c="dimmed" p="sm">
          and {rest} more
        </Text>
      )}
    </Card>
  );
}

function ChangeWord({ change: { change, moved } }: { readonly change: Change }) {
  const [tone, Icon] = looks[change];
  return (
    <span className="state" data-tone={tone}>
      <Icon size={13} strokeWidth={2.4} aria-hidden />
      {change}
      {moved && change !== 'moved' ? ', moved' : ''}
    </span>
  );
}

type Members = Readonly<Record<string, unknown>>;

function Detail({ change, speech }: { readonly change: Change; readonly speech: Speech }) {
  const before = change.before?.value;
  const after = change.after?.value;
  if (change.change === 'moved') {
    return (
      <span className="dimmed">
        from place {placeIn(change.before?.pointer)} to {placeIn(change.after?.pointer)}
      </span>
    );
  }
  if (change.change !== 'changed' || !isMembers(before) || !isMembers(after)) {
    return (
      <>
        {before !== undefined && (
          <del>
            <Value value={before} speech={speech} />
          </del>
        )}
        {before !== undefined && after !== undefined && ' '}
        {after !== undefined && (
          <ins>
            <Value value={after} speech={speech} />
          </ins>
        )}
      </>
    );
  }
  return (
    <dl className="diff-fields">
      {change.fields.map((field) => (
        <Field key={field} name={field} was={before[field]} is={after[field]} speech={speech} />
      ))}
    </dl>
  );
}

function placeIn(pointer: string | undefined): number {
  return Number(pointer?.split('/').at(-1) ?? 0) + 1;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A rule in words; anything else as its text. */
function Value({ value, speech }: { readonly value: unknown; readonly speech: Speech }) {
  if (!isMembers(value)) return <>{textOf(value)}</>;
  const { if: conditions, outcome, reason, obligations, ...rest } = value;
  return (
    <>
      {conditions !== undefined && <When conditions={conditions as Conditions} speech={speech} />}
      {outcome !== undefined && (
        <div>
          then {textOf(outcome)}, because of {wordsOf(textOf(reason))}
          {isMembers(obligations) && `; ${obligationWords(obligations).join('; ')}`}
        </div>
      )}
      {Object.entries(rest)
        .filter(([name]) => name !== 'id')
        .map(([name, each]) => (
          <div key={name}>
            <span className="dimmed">{wordsOf(name)}</span> {textOf(each)}
          </div>
        ))}
    </>
  );
}

function Field({
  name,
  was,
  is,
  speech,
}: {
  readonly name: string;
  readonly was: unknown;
  readonly is: unknown;
  readonly speech: Speech;
}) {
  return (
    <>
      <dt>{name === 'if' ? 'when' : wordsOf(name)}</dt>
      <dd>
        {name === 'if' || name === 'facts' ? (
          <Cells was={(was ?? {}) as Members} is={(is ?? {}) as Members} speech={speech} />
        ) : (
          <>
            {was !== undefined && <del>{fieldText(name, was)}</del>}{' '}
            {is !== undefined && <ins>{fieldText(name, is)}</ins>}
          </>
        )}
      </dd>
    </>
  );
}

/** Cell by cell: the ones that are the same in both are left out. */
function Cells({
  was,
  is,
  speech,
}: {
  readonly was: Members;
  readonly is: Members;
  readonly speech: Speech;
}) {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const cell = (key: string, value: unknown): ReactNode =>
    typeof value === 'string' ? (
      <ConditionText fact={key} cell={value} speech={speech} />
    ) : (
      `${wordsOf(key)} ${textOf(value)}`
    );
  return (
    <>
      {keys
        .filter((key) => textOf(was[key]) !== textOf(is[key]))
        .map((key) => (
          <div key={key}>
            {was[key] !== undefined && <del>{cell(key, was[key])}</del>}{' '}
            {is[key] !== undefined && <ins>{cell(key, is[key])}</ins>}
          </div>
        ))}
    </>
  );
}

function fieldText(name: string, value: unknown): string {
  if (name === 'obligations' && isMembers(value)) return obligationWords(value).join('; ');
  return textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
