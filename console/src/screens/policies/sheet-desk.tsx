// One sheet with what stands around it: the cell in full, what is wrong with it, the acts on rows.
import { Autocomplete, Button, Group, Text, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type CellPlace, cellOf } from './cell-place.ts';
import type { Verdict } from './desk.tsx';
import { useSpeech } from './bundle-view.tsx';
import type { Bundle } from './shape.ts';
import { type At, type Editing, type Mark, type RowAct, SheetView } from './sheet.tsx';
import type { Row, Sheet } from './sheets.ts';

type DeskProps = {
  readonly sheet: Sheet;
  readonly sheets: readonly Sheet[];
  readonly bundle: Bundle;
  readonly checked: Verdict;
  readonly goal: CellPlace | undefined;
  readonly change: (bundle: Bundle) => void;
  readonly addColumn: (key: string) => void;
};

export function SheetDesk(props: DeskProps) {
  const { sheet, sheets, bundle, checked, goal, change } = props;
  const [at, setAt] = useState<At>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<Editing>();
  const speech = useSpeech(bundle);
  const { verdict } = checked;
  const flaws = useMemo(() => flawsBy(sheet, sheets, verdict), [sheet, sheets, verdict]);
  const desk = useRef<HTMLDivElement>(null);
  const toSheet = () => desk.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when somebody is sent there
  useEffect(() => {
    if (goal?.sheet !== sheet.id) return;
    const column = sheet.columns.findIndex(({ id }) => id === goal.column);
    setAt({ row: goal.row, column: Math.max(0, column) });
    toSheet();
  }, [goal]);
  const column = sheet.columns[at.column];
  const row = sheet.rows[at.row];
  const put = (rows: readonly Row[], place: number) => {
    change(sheet.withRows(bundle, rows));
    setAt({ ...at, row: Math.max(0, Math.min(rows.length - 1, place)) });
  };
  const write = (cell: At, text: string) => {
    const own = sheet.rows[cell.row];
    const to = sheet.columns[cell.column];
    if (!own || !to || to.get(own) === text || isTaken(sheet, to.id, text)) return;
    const rows = sheet.rows.map((each, index) => (index === cell.row ? to.set(each, text) : each));
    change(sheet.withRows(bundle, rows));
  };
  const act = (what: RowAct) => {
    const [rows, place] = acted(sheet, at.row, what);
    put(rows, place);
  };
  return (
    <div ref={desk} className="editor">
      <SheetTools {...props} {...{ act, at, setAt, toSheet }} />
      <div className="bar">
        <span className="clip" style={{ fontWeight: 600 }}>
          {row ? `${column?.fact ? 'if ' : ''}${column?.title ?? ''}` : 'No row'}
        </span>
        <span className="mono clip">
          {row && column ? column.get(row) : ''}
          {row && column?.get(row) === '' && <span className="dimmed">empty</span>}
        </span>
        <BarAbout
          flaw={flaws.get(`${at.row} ${column?.id}`) ?? flaws.get(`${at.row}`)}
          about={column?.about}
        />
      </div>
      <SheetView
        {...{ sheet, at, editing, speech, flaws, write, act }}
        markOf={(each, index) => markOf(sheet, each, { index, flaws, checked })}
        move={setAt}
        edit={setEditing}
      />
      <Foot />
    </div>
  );
}

/** Members of a record have names of their own. */
function isTaken(sheet: Sheet, column: string, text: string): boolean {
  return sheet.isRecord && column === 'name' && sheet.rows.some(({ name }) => name === text);
}

function flawsBy(sheet: Sheet, sheets: readonly Sheet[], verdict: Verdict['verdict']) {
  const found = new Map<string, string>();
  for (const { pointer, detail } of verdict?.errors ?? []) {
    const place = cellOf(sheets, pointer);
    if (place?.sheet !== sheet.id) continue;
    const key = place.column === undefined ? `${place.row}` : `${place.row} ${place.column}`;
    found.set(key, detail);
    // Of the row as well, so that its number tells.
    if (!found.has(`${place.row}`)) found.set(`${place.row}`, detail);
  }
  return found;
}

/** Tests are run when the rest is well-formed; a rule that none of them makes hold is told. */
function markOf(
  sheet: Sheet,
  row: Row,
  told: {
    readonly index: number;
    readonly flaws: ReadonlyMap<string, string>;
    readonly checked: Verdict;
  },
): Mark {
  if (told.flaws.has(`${told.index}`)) return 'flaw';
  const { verdict, isChecking } = told.checked;
  if (!verdict || isChecking) return undefined;
  if (sheet.id === 'tests') {
    const isRun = verdict.errors.every(({ pointer }) => pointer.startsWith('/tests/'));
    return isRun ? 'good' : undefined;
  }
  const isUntested = sheet.id === 'rules' && verdict.untested.includes(String(row['id']));
  return isUntested ? 'untested' : undefined;
}

function acted(sheet: Sheet, at: number, act: RowAct): readonly [readonly Row[], number] {
  const { rows } = sheet;
  const row = rows[at];
  switch (act) {
    case 'add':
      return [rows.toSpliced(at + 1, 0, sheet.blank(rows)), at + 1];
    case 'double': {
      if (!row) return [rows, at];
      const member = 'id' in row ? 'id' : 'name';
      const name = likewise(String(row[member]), rows, member);
      return [rows.toSpliced(at + 1, 0, { ...row, [member]: name }), at + 1];
    }
    case 'remove':
      return [rows.toSpliced(at, 1), at];
    default: {
      const to = act === 'up' ? at - 1 : at + 1;
      if (!row || to < 0 || to >= rows.length) return [rows, at];
      return [rows.toSpliced(at, 1).toSpliced(to, 0, row), to];
    }
  }
}

/** `new-account` becomes `new-account-2`; of tests and facts with a blank or a line between. */
function likewise(name: string, rows: readonly Row[], member: string): string {
  const between = /[ _]/.exec(name)?.[0] ?? '-';
  const taken = new Set(rows.map((row) => row[member]));
  for (let number = 2; ; number += 1) {
    const next = `${name.replace(/[ _-]\d+$/, '')}${between}${number}`;
    if (!taken.has(next)) return next;
  }
}

function BarAbout({
  flaw,
  about,
}: {
  readonly flaw: string | undefined;
  readonly about: string | undefined;
}) {
  return (
    <div className="bar-about clip" aria-live="polite">
      {flaw === undefined ? (
        <span className="dimmed">{about}</span>
      ) : (
        <span className="flaw-count">{flaw}</span>
      )}
    </div>
  );
}

function SheetTools({
  sheet,
  bundle,
  addColumn,
  act,
  at,
  setAt,
  toSheet,
}: DeskProps & Omit<FindProps, 'sheet'> & { readonly act: (act: RowAct) => void }) {
  return (
    <Group gap={6} px="md" py={6} wrap="nowrap">
      <Text c="dimmed" fz="sm" className="clip" flex={1}>
        {sheet.about}
      </Text>
      <Find {...{ sheet, at, setAt, toSheet }} />
      {sheet.hasConditions && <AddCondition {...{ sheet, bundle, addColumn }} />}
      <Button.Group>
        <Button variant="default" onClick={() => act('add')}>
          Add row
        </Button>
        <Button variant="default" onClick={() => act('double')}>
          Duplicate
        </Button>
        <Button variant="default" onClick={() => act('up')}>
          Up
        </Button>
        <Button variant="default" onClick={() => act('down')}>
          Down
        </Button>
        <Button variant="default" onClick={() => act('remove')}>
          Delete
        </Button>
      </Button.Group>
    </Group>
  );
}

type FindProps = {
  readonly sheet: Sheet;
  readonly at: At;
  readonly setAt: (at: At) => void;
  readonly toSheet: () => void;
};

/**
 * Rows that are not drawn are found as well: the browser's own search does not see them. Enter goes
 * from one to the next, Escape into the sheet at what was found.
 */
function Find({ sheet, at, setAt, toSheet }: FindProps) {
  const [text, setText] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useHotkeys([['mod+f', () => box.current?.focus()]], []);
  const find = () => {
    const wanted = text.toLowerCase();
    const cells = sheet.rows.flatMap((row, index) => {
      const column = sheet.columns.findIndex((each) =>
        each.get(row).toLowerCase().includes(wanted),
      );
      return column < 0 ? [] : [{ row: index, column }];
    });
    const place = cells.find(({ row }) => row > at.row) ?? cells[0];
    if (wanted !== '' && place) setAt(place);
  };
  return (
    <TextInput
      ref={box}
      w={150}
      aria-label="Find in this sheet"
      placeholder="Find (Ctrl F)"
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
      onKeyDown={({ key }) => {
        if (key === 'Enter') find();
        else if (key === 'Escape') toSheet();
      }}
    />
  );
}

function AddCondition({
  sheet,
  bundle,
  addColumn,
}: Pick<DeskProps, 'sheet' | 'bundle' | 'addColumn'>) {
  const [text, setText] = useState('');
  const shown = new Set(sheet.columns.map(({ fact }) => fact));
  const own = sheet.id.startsWith('table ') ? sheet.id.slice('table '.length) : undefined;
  const names = [...Object.keys(bundle.facts), ...Object.keys(bundle.nodes ?? {})];
  const add = (key: string) => {
    if (key.trim() !== '' && !shown.has(key.trim())) addColumn(key.trim());
    setText('');
  };
  return (
    <Autocomplete
      w={190}
      size="xs"
      aria-label="Add a condition on a fact or formula"
      placeholder="Add a condition on …"
      data={names.filter((name) => !shown.has(name) && name !== own)}
      limit={50}
      value={text}
      onChange={setText}
      onOptionSubmit={(key) => {
        add(key);
        // The box would show the choice otherwise.
        queueMicrotask(() => setText(''));
      }}
      onKeyDown={(event) => event.key === 'Enter' && add(text)}
    />
  );
}

const keys = [
  ['Arrows', 'move'],
  ['Enter or typing', 'edit'],
  ['Del', 'empty a cell'],
  ['Ctrl Enter', 'add a row'],
  ['Ctrl D', 'duplicate'],
  ['Alt ↑ ↓', 'move a row'],
  ['Ctrl ⌫', 'delete a row'],
  ['Ctrl Z', 'undo'],
  ['Ctrl S', 'save the draft'],
] as const;

function Foot() {
  return (
    <div className="editor-foot" role="note" aria-label="Keys">
      {keys.map(([key, what]) => (
        <span key={key}>
          <b>{key}</b> {what}
        </span>
      ))}
    </div>
  );
}
