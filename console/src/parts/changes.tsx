// What makes one document another, member by member: what was stands struck through beside what is.
import { Table, VisuallyHidden } from '@mantine/core';
import { useMemo } from 'react';
import { Minus, Pencil, Plus } from 'lucide-react';
import './changes.css';
import { unturned } from './turning.ts';

export type Change = {
  /** From the top: names of members, and of entries by what they call themselves. */
  readonly path: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
};

/** What differs is told up to here: whoever replaces a whole document reads it as a whole. */
const changesMax = 300;
/** What an entry of a list calls itself, as far as it does. */
const namesOf = ['id', 'code', 'name', 'reward', 'channel', 'per', 'when'] as const;

export function changesOf(before: unknown, after: unknown): readonly Change[] {
  const found: Change[] = [];
  compare([], before, after, found);
  return found;
}

function compare(path: readonly string[], before: unknown, after: unknown, found: Change[]): void {
  if (found.length >= changesMax || JSON.stringify(before) === JSON.stringify(after)) return;
  const [one, other] = [membersOf(before), membersOf(after)];
  if (one === undefined || other === undefined) {
    found.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
    return;
  }
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    compare([...path, name], one.get(name), other.get(name), found);
  }
}

/** Members of an object, entries of a list by their names; undefined for what has none. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const names = value.map((each: unknown, at) => nameOf(each) ?? `${at + 1}`);
  // Two of one name: by their places, then.
  const isSure = new Set(names).size === names.length;
  return new Map(
    value.map((each: unknown, at) => [isSure ? (names[at] ?? '') : `${at + 1}`, each]),
  );
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const name = namesOf.find((each) => typeof Reflect.get(value, each) === 'string');
  return name === undefined ? undefined : String(Reflect.get(value, name));
}

export function Changes({
  label,
  before,
  after,
}: {
  readonly label: string;
  readonly before: unknown;
  readonly after: unknown;
}) {
  const changes = useMemo(() => changesOf(before, after), [before, after]);
  if (changes.length === 0) return <p className="dimmed changes-none">Both are the same.</p>;
  return (
    <Table aria-label={label} className="changes">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={22}>
            <VisuallyHidden>Kind</VisuallyHidden>
          </Table.Th>
          <Table.Th w="30%">What</Table.Th>
          <Table.Th>Was</Table.Th>
          <Table.Th>Is</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {changes.map((change) => (
          <Row key={change.path.join('/')} change={change} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ change }: { readonly change: Change }) {
  const { path, before, after } = change;
  const [tone, Icon, word] =
    before === undefined
      ? (['good', Plus, 'added'] as const)
      : after === undefined
        ? (['bad', Minus, 'removed'] as const)
        : (['wait', Pencil, 'changed'] as const);
  return (
    <Table.Tr>
      <Table.Td>
        <span className="state" data-tone={tone}>
          <Icon size={13} role="img" aria-label={word} />
        </span>
      </Table.Td>
      <Table.Td className="text">{path.join(' › ')}</Table.Td>
      <Table.Td>{before === undefined ? <None /> : <del>{valueText(before)}</del>}</Table.Td>
      <Table.Td>{after === undefined ? <None /> : <ins>{valueText(after)}</ins>}</Table.Td>
    </Table.Tr>
  );
}

function None() {
  return <span className="dimmed">–</span>;
}

/** Of what has members, each with its own name; signs that would turn the line are shown. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return unturned(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const isShort = Array.isArray(value) && value.every((each) => typeof each !== 'object');
  if (isShort) return unturned(value.join(', '));
  return Object.entries(value)
    .map(([name, each]) => `${name}: ${isPlain(each) ? valueText(each) : `(${valueText(each)})`}`)
    .join('; ');
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
