// A bundle as sheets of cells: each list of it is a sheet, its items are the rows. A cell is text;
// what it says of the bundle is found out here, both ways, and checked by the server alone.
import { conditionColumns, type Layout } from './layout.ts';
import type { Bundle, Conditions, Decisive, Limit, Rule, TableRule } from './shape.ts';

type Members = Readonly<Record<string, unknown>>;

export type SheetColumn = {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  /** What the column is about, in a sentence. */
  readonly about?: string | undefined;
  /** What may stand there, where that is a short list. */
  readonly choices?: readonly string[] | undefined;
  /** A condition: the fact or formula that its cells go on from. */
  readonly fact?: string | undefined;
  readonly isCode?: boolean | undefined;
  /** Whether it stands still at the left while the others scroll. */
  readonly isStill?: boolean | undefined;
  readonly get: (row: Row) => string;
  readonly set: (row: Row, text: string) => Row;
};

/** An item of a list; of a record, a member with its name. */
export type Row = Members;

export type Sheet = {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly columns: readonly SheetColumn[];
  readonly rows: readonly Row[];
  readonly withRows: (bundle: Bundle, rows: readonly Row[]) => Bundle;
  readonly blank: (rows: readonly Row[]) => Row;
  /** Whether conditions can be added to its columns. */
  readonly hasConditions: boolean;
  /** Where in the bundle its rows stand. */
  readonly steps: readonly string[];
  /** Of a record: its rows are found by their names rather than their numbers. */
  readonly isRecord: boolean;
};

const nameOfRow = 'name';

/** Words that the API checks for: what may be chosen. */
export type Choices = {
  readonly outcomes: readonly string[];
  readonly fact_types: readonly string[];
};

export function sheetsOf(
  bundle: Bundle,
  added: Readonly<Record<string, readonly string[]>>,
  { choices, layout }: { readonly choices: Choices; readonly layout: Layout },
): readonly Sheet[] {
  const { nodes = {}, rules, limits = [] } = bundle;
  const tables = Object.entries(nodes).filter(
    (each): each is [string, Decisive] => each[1].kind === 'table',
  );
  const asked = (id: string, rows: readonly { readonly if?: Conditions }[]) =>
    conditionCells(bundle, conditionColumns(layout.get(id), rows, added[id]));
  return [
    rulesSheet(bundle, asked('rules', rules), choices),
    ...tables.map(([name, table]) => tableSheet(name, table, asked(`table ${name}`, table.rules))),
    limitsSheet(bundle, asked('limits', limits)),
    formulasSheet(bundle, choices),
    reasonsSheet(bundle),
    factsSheet(bundle, choices),
    testsSheet(bundle, choices),
  ];
}

// Columns -----------------------------------------------------------------------------------------

/** A member that is text, left out where its cell is empty. */
function textColumn(id: string, width: number, more: Partial<SheetColumn> = {}): SheetColumn {
  return {
    ...{ id, title: id.replaceAll('_', ' '), width },
    get: (row) => shown(row[id]),
    set: (row, text) => withMember(row, id, text === '' ? undefined : text),
    ...more,
  };
}

/** A member that must be there, empty or not. */
function wantedColumn(id: string, width: number, more: Partial<SheetColumn> = {}): SheetColumn {
  return textColumn(id, width, { set: (row, text) => withMember(row, id, text), ...more });
}

type Cells = readonly SheetColumn[];

function conditionCells(bundle: Bundle, columns: ReadonlyMap<string, number>): Cells {
  const keys = [...columns.keys()];
  return [...columns].map(([key, width]) => {
    const about = (bundle.facts[key] ?? bundle.nodes?.[key])?.description;
    return {
      ...{ id: `if ${key}`, title: key, width, fact: key, isCode: true, about },
      get: (row) => shown((row['if'] as Conditions | undefined)?.[key]),
      set: (row, text) => {
        const all = { ...(row['if'] as Conditions | undefined), [key]: text };
        // A condition keeps its place among the others.
        const next = Object.fromEntries(
          keys.flatMap((each) => (all[each] ? [[each, all[each]]] : [])),
        );
        return withMember(row, 'if', Object.keys(next).length === 0 ? undefined : next);
      },
    };
  });
}

/** A member of `obligations`, written as text. */
function obligation(id: string, width: number, read: (text: string) => unknown): SheetColumn {
  return {
    ...{ id, title: id.replaceAll('_', ' '), width },
    get: (row) => {
      const value = (row['obligations'] as Members | undefined)?.[id];
      return Array.isArray(value) ? value.join(', ') : shown(value);
    },
    set: (row, text) => {
      const all = withMember(
        (row['obligations'] as Members | undefined) ?? {},
        id,
        text.trim() === '' ? undefined : read(text.trim()),
      );
      return withMember(row, 'obligations', Object.keys(all).length === 0 ? undefined : all);
    },
  };
}

function withMember(row: Members, id: string, value: unknown): Members {
  const { [id]: _, ...rest } = row;
  if (value === undefined) return rest;
  return id in row ? { ...row, [id]: value } : { ...rest, [id]: value };
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A number where the text is one; otherwise the text, for the server to say what is wrong. */
function numberOr(text: string): unknown {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

// Sheets ------------------------------------------------------------------------------------------

function rulesSheet(bundle: Bundle, conditions: Cells, { outcomes }: Choices): Sheet {
  const reasons = Object.keys(bundle.reasons);
  return {
    ...{ id: 'rules', title: 'Rules', steps: ['rules'], isRecord: false, hasConditions: true },
    about: 'All rules that hold are heard; the strictest outcome is the answer.',
    rows: bundle.rules,
    columns: [
      wantedColumn('id', 200, { title: 'rule', isStill: true }),
      wantedColumn('outcome', 84, { choices: outcomes, isStill: true }),
      ...conditions,
      wantedColumn('reason', 190, { choices: reasons }),
      obligation('step_up', 120, listOf),
      obligation('review_queue', 110, (text) => text),
      obligation('approvals', 80, numberOr),
      textColumn('note', 320),
    ],
    withRows: (from, rows) => ({ ...from, rules: rows as unknown as Rule[] }),
    blank: (rows) => ({
      ...{ id: unused('rule', rows, 'id'), outcome: 'review', reason: reasons[0] ?? 'reason' },
    }),
  };
}

function tableSheet(name: string, table: Decisive, conditions: Cells): Sheet {
  return {
    ...{ id: `table ${name}`, title: name.replaceAll('_', ' '), isRecord: false },
    ...{ steps: ['nodes', name, 'rules'], hasConditions: true, rows: table.rules },
    about: table.description ?? '',
    columns: [
      wantedColumn('id', 200, { title: 'rule', isStill: true }),
      ...conditions,
      wantedColumn('value', 200, { isCode: true, about: `What ${name} is then: ${table.type}.` }),
      textColumn('note', 320),
    ],
    withRows: (from, rows) => {
      const own = { ...table, rules: rows as unknown as TableRule[] };
      return { ...from, nodes: { ...from.nodes, [name]: own } };
    },
    blank: (rows) => ({ id: unused('rule', rows, 'id'), value: '' }),
  };
}

function limitsSheet(bundle: Bundle, conditions: Cells): Sheet {
  return {
    ...{ id: 'limits', title: 'Limits', steps: ['limits'], isRecord: false, hasConditions: true },
    about: 'How much may be used within a window, and of what.',
    rows: bundle.limits ?? [],
    columns: [
      wantedColumn('id', 200, { title: 'limit', isStill: true }),
      ...conditions,
      wantedColumn('key', 220, { isCode: true, about: 'Whose limit it is.' }),
      {
        ...{ id: 'window', title: 'window', width: 150 },
        about:
          'Seconds that slide, as 86400 s; or a day, week or month of a zone: day Europe/Paris.',
        get: (row) => windowText(row['window']),
        set: (row, text) => withMember(row, 'window', windowOf(text)),
      },
      wantedColumn('measure', 90, { choices: ['amount', 'count'] }),
      wantedColumn('amount', 120, { isCode: true, about: 'What one case takes of it.' }),
      wantedColumn('cap', 150, { isCode: true, about: 'What may be used within the window.' }),
      textColumn('note', 320),
    ],
    withRows: (from, rows) => withOptional(from, 'limits', rows as unknown as Limit[]),
    blank: (rows) => ({
      ...{ id: unused('limit', rows, 'id'), key: '', window: { kind: 'sliding', seconds: 86_400 } },
      ...{ measure: 'count', amount: '1', cap: '' },
    }),
  };
}

function withOptional<Value extends readonly unknown[]>(
  bundle: Bundle,
  member: 'limits',
  value: Value,
): Bundle {
  const { [member]: _, ...rest } = bundle;
  return value.length === 0 ? rest : { ...bundle, [member]: value as never };
}

function windowText(window: unknown): string {
  const { kind, seconds, unit, time_zone } = (window ?? {}) as Members;
  if (kind === 'sliding') return `${shown(seconds)} s`;
  return kind === 'calendar' ? `${shown(unit)} ${shown(time_zone)}` : shown(window);
}

function windowOf(text: string): unknown {
  const sliding = /^(\d+)\s*s$/.exec(text.trim());
  if (sliding) return { kind: 'sliding', seconds: Number(sliding[1]) };
  const calendar = /^(day|week|month)\s+(\S+)$/.exec(text.trim());
  return calendar ? { kind: 'calendar', unit: calendar[1], time_zone: calendar[2] } : text;
}

function formulasSheet(bundle: Bundle, { fact_types }: Choices): Sheet {
  const { nodes = {} } = bundle;
  const rows = Object.entries(nodes).flatMap(([name, node]) =>
    node.kind === 'formula' ? [{ [nameOfRow]: name, ...node }] : [],
  );
  return {
    ...{ id: 'formulas', title: 'Formulas', steps: ['nodes'], isRecord: true, rows },
    hasConditions: false,
    about: 'What is worked out first; rules and tables look at it by its name.',
    columns: [
      wantedColumn('name', 170, { isStill: true }),
      wantedColumn('type', 90, { choices: fact_types }),
      wantedColumn('value', 420, { isCode: true, title: 'formula' }),
      textColumn('description', 460),
    ],
    withRows: (from, next) => {
      // Tables keep their places: a renamed formula changes nothing else.
      const kept = Object.entries(from.nodes ?? {}).filter(([, node]) => node.kind === 'table');
      return { ...from, nodes: { ...recordOf(next), ...Object.fromEntries(kept) } as never };
    },
    blank: (all) => ({
      ...{ name: unused('formula', all, 'name', '_'), kind: 'formula', type: 'boolean', value: '' },
    }),
  };
}

function reasonsSheet(bundle: Bundle): Sheet {
  return {
    ...{ id: 'reasons', title: 'Reasons', steps: ['reasons'], isRecord: true },
    hasConditions: false,
    about: 'Every reason that a rule gives, in words that can be read out to a customer.',
    rows: Object.entries(bundle.reasons).map(([name, words]) => ({ name, words })),
    columns: [wantedColumn('name', 220, { isStill: true }), wantedColumn('words', 640)],
    withRows: (from, rows) => ({
      ...from,
      reasons: Object.fromEntries(rows.map(({ name, words }) => [shown(name), shown(words)])),
    }),
    blank: (rows) => ({ name: unused('reason', rows, 'name', '_'), words: '' }),
  };
}

function factsSheet(bundle: Bundle, { fact_types }: Choices): Sheet {
  return {
    ...{ id: 'facts', title: 'Facts', steps: ['facts'], isRecord: true, hasConditions: false },
    about: 'What the policy may look at. A fact without a default that is missing means review.',
    rows: Object.entries(bundle.facts).map(([name, fact]) => ({ name, ...fact })),
    columns: [
      wantedColumn('name', 190, { isStill: true }),
      wantedColumn('type', 90, { choices: fact_types }),
      wantedColumn('description', 560),
      {
        ...{ id: 'default', title: 'if not given', width: 120, isCode: true },
        get: (row) => ('default' in row ? JSON.stringify(row['default']) : ''),
        set: (row, text) => withMember(row, 'default', text === '' ? undefined : jsonOr(text)),
      },
      textColumn('personal', 120),
      textColumn('score', 90),
    ],
    withRows: (from, rows) => ({ ...from, facts: recordOf(rows) as never }),
    blank: (rows) => ({
      ...{ name: unused('fact', rows, 'name', '_'), type: 'string', description: '' },
    }),
  };
}

function recordOf(rows: readonly Row[]): Members {
  return Object.fromEntries(rows.map(({ name, ...rest }) => [shown(name), rest]));
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function testsSheet(bundle: Bundle, { outcomes }: Choices): Sheet {
  const used = new Set(bundle.tests.flatMap(({ facts }) => Object.keys(facts)));
  const declared = Object.keys(bundle.facts);
  const facts = [...declared, ...[...used].filter((name) => !declared.includes(name))];
  return {
    ...{ id: 'tests', title: 'Tests', steps: ['tests'], isRecord: false, hasConditions: false },
    about: 'Facts, and what must come out. Every test passes before a bundle can be saved.',
    rows: bundle.tests,
    columns: [
      wantedColumn('name', 320, { title: 'test', isStill: true }),
      expected('outcome', 100, outcomes),
      expected('reasons', 200),
      ...facts.map((name) => factColumn(bundle, name)),
      expected('limits', 140),
      expected('answers', 180),
    ],
    withRows: (from, rows) => ({ ...from, tests: rows as never }),
    blank: (rows) => ({
      name: unused('test', rows, 'name', ' '),
      facts: rows[rows.length - 1]?.['facts'] ?? {},
      expect: { outcome: 'allow' },
    }),
  };
}

function factColumn(bundle: Bundle, name: string): SheetColumn {
  const fact = bundle.facts[name];
  return {
    ...{ id: `facts ${name}`, title: name, width: 130, about: fact?.description },
    get: (row) => shown((row['facts'] as Members)[name]),
    set: (row, text) => {
      const value = text === '' ? undefined : fact?.type === 'string' ? text : jsonOr(text);
      return { ...row, facts: withMember(row['facts'] as Members, name, value) };
    },
  };
}

function expected(id: string, width: number, choices?: readonly string[]): SheetColumn {
  return {
    ...{ id: `expect ${id}`, title: `→ ${id}`, width, choices, about: 'What must come out.' },
    get: (row) => {
      const value = (row['expect'] as Members)[id];
      return Array.isArray(value) ? value.join(', ') : shown(value);
    },
    set: (row, text) => {
      const value = id === 'outcome' ? text : id === 'answers' ? jsonOr(text) : listOf(text);
      const next = withMember(row['expect'] as Members, id, text === '' ? undefined : value);
      return { ...row, expect: next };
    },
  };
}

function unused(stem: string, rows: readonly Row[], member: string, between = '-'): string {
  const taken = new Set(rows.map((row) => row[member]));
  for (let number = rows.length + 1; ; number += 1) {
    const name = `${stem}${between}${number}`;
    if (!taken.has(name)) return name;
  }
}
