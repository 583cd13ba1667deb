// A sheet of cells over virtual rows: arrows move, typing edits, rows are added, doubled, moved and
// taken away by keys; what is wrong with a cell is told where it stands.
import { useVirtualizer } from '@tanstack/react-virtual';
import { Check, TriangleAlert, X } from 'lucide-react';
import { type KeyboardEvent, memo, useEffect, useLayoutEffect, useRef } from 'react';
import { State } from '../../parts/state.tsx';
import { CellInput } from './cell-input.tsx';
import type { Row, Sheet, SheetColumn } from './sheets.ts';
import type { Speech } from './words.ts';
import { cellWords, valueWords } from './words.ts';
import './sheet.css';

export type RowAct = 'add' | 'double' | 'remove' | 'up' | 'down';
export type At = { readonly row: number; readonly column: number };
export type Editing = { readonly text: string } | undefined;
/** What is told of a row before its number. */
export type Mark = 'flaw' | 'good' | 'untested' | undefined;

type SheetProps = {
  readonly sheet: Sheet;
  readonly at: At;
  readonly editing: Editing;
  readonly speech: Speech;
  /** By `row column`, or `row` for the row as a whole. */
  readonly flaws: ReadonlyMap<string, string>;
  readonly markOf: (row: Row, index: number) => Mark;
  readonly move: (at: At) => void;
  readonly edit: (editing: Editing) => void;
  readonly write: (at: At, text: string) => void;
  readonly act: (act: RowAct) => void;
};

const rowHeight = 30;
const overscan = 8;
const gutter = 62;

export function SheetView(props: SheetProps) {
  const { sheet, at, editing, move, edit, write } = props;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sheet.rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan,
    scrollPaddingStart: rowHeight,
  });
  useLayoutEffect(() => {
    if (at.row < sheet.rows.length) virtual.scrollToIndex(at.row);
    showColumn(box.current, sheet.columns, at.column);
  }, [at, sheet.columns, sheet.rows.length, virtual]);
  const wasEditing = useRef(false);
  useEffect(() => {
    // Back from the cell, unless whoever edited has gone on to something else.
    const isNowhere = document.activeElement === document.body;
    if (wasEditing.current && !editing && isNowhere) box.current?.focus();
    wasEditing.current = editing !== undefined;
  }, [editing]);
  const done = (text: string, step: readonly [number, number]) => {
    write(at, text);
    edit(undefined);
    move(within(sheet, { row: at.row + step[0], column: at.column + step[1] }));
  };
  const width = gutter + sheet.columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <div
      ref={box}
      className="sheet"
      role="grid"
      aria-label={sheet.title}
      aria-rowcount={sheet.rows.length + 1}
      aria-colcount={sheet.columns.length + 1}
      aria-activedescendant={sheet.rows.length > 0 ? cellDomId(at) : undefined}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget) onSheetKey(event, props);
      }}
    >
      <SheetHead columns={sheet.columns} width={width} />
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), width, position: 'relative' }}>
        <Drawn {...props} items={virtual.getVirtualItems()} width={width} />
        {editing && (
          <CellInput
            key={`${at.row} ${at.column}`}
            text={editing.text}
            column={sheet.columns[at.column] as SheetColumn}
            left={leftOf(sheet.columns, at.column)}
            top={at.row * rowHeight}
            cancel={() => edit(undefined)}
            done={done}
          />
        )}
      </div>
      {sheet.rows.length === 0 && (
        <div className="sheet-none dimmed">Nothing here yet: Ctrl Enter adds a row.</div>
      )}
    </div>
  );
}

/** The rows in sight, and a few around them. */
function Drawn(
  props: SheetProps & {
    readonly items: readonly { readonly index: number; readonly start: number }[];
    readonly width: number;
  },
) {
  const { items, width, sheet, at, speech, move, edit } = props;
  const told = useRef({ move, edit });
  told.current = { move, edit };
  return items.map(({ index, start }) => {
    const row = sheet.rows[index];
    return (
      row && (
        <SheetRow
          key={index}
          {...{ row, index, start, width, speech, told }}
          columns={sheet.columns}
          mark={props.markOf(row, index)}
          flaws={flawsOf(props.flaws, index, sheet.columns)}
          at={index === at.row ? at.column : -1}
        />
      )
    );
  });
}

function leftOf(columns: readonly SheetColumn[], column: number): number {
  return columns.slice(0, column).reduce((sum, { width }) => sum + width, gutter);
}

/** Not behind what stands still at the left. */
function showColumn(box: HTMLElement | null, columns: readonly SheetColumn[], column: number) {
  const to = columns[column];
  if (!box || !to || to.isStill) return;
  const left = leftOf(columns, column);
  const still = leftOf(
    columns,
    columns.findIndex(({ isStill }) => !isStill),
  );
  if (left - box.scrollLeft < still) box.scrollLeft = left - still;
  else if (left + to.width > box.scrollLeft + box.clientWidth) {
    box.scrollLeft = left + to.width - box.clientWidth;
  }
}

function within({ rows, columns }: Sheet, { row, column }: At): At {
  return {
    row: Math.max(0, Math.min(rows.length - 1, row)),
    column: Math.max(0, Math.min(columns.length - 1, column)),
  };
}

const page = 12;
const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-page, 0],
  PageDown: [page, 0],
  Home: [0, Number.NEGATIVE_INFINITY],
  End: [0, Number.POSITIVE_INFINITY],
};

function onSheetKey(event: KeyboardEvent, props: SheetProps): void {
  const { sheet, at, move, edit, write, act } = props;
  const { key, altKey } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  const named = rowActOf(event);
  const step = steps[key];
  const column = sheet.columns[at.column];
  const row = sheet.rows[at.row];
  if (named) act(named);
  else if (step && !altKey && !isCommand) {
    move(within(sheet, { row: at.row + step[0], column: at.column + step[1] }));
  } else if (!row || !column) return;
  else if (key === 'Enter' || key === 'F2') edit({ text: column.get(row) });
  else if ((key === 'Delete' || key === 'Backspace') && !isCommand) write(at, '');
  else if (isCommand && key === 'c') void navigator.clipboard?.writeText(column.get(row));
  else if (key.length === 1 && !isCommand && !altKey) edit({ text: key });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function rowActOf({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): RowAct | undefined {
  const isCommand = ctrlKey || metaKey;
  if (altKey && key === 'ArrowUp') return 'up';
  if (altKey && key === 'ArrowDown') return 'down';
  if (isCommand && key === 'Enter') return 'add';
  if (isCommand && key === 'd') return 'double';
  return isCommand && (key === 'Backspace' || key === 'Delete') ? 'remove' : undefined;
}

function SheetHead({
  columns,
  width,
}: {
  readonly columns: readonly SheetColumn[];
  readonly width: number;
}) {
  return (
    <div role="rowgroup" className="sheet-head" style={{ width }}>
      <div role="row" aria-rowindex={1} style={{ display: 'flex' }}>
        <div role="columnheader" className="sheet-gutter" style={{ width: gutter }}>
          <span className="dimmed">No.</span>
        </div>
        {columns.map((column, index) => (
          <div
            key={column.id}
            role="columnheader"
            aria-colindex={index + 2}
            className="sheet-cell"
            data-still={column.isStill}
            title={column.about}
            style={{ width: column.width, left: leftOf(columns, index) }}
          >
            {column.title}
          </div>
        ))}
      </div>
    </div>
  );
}

function cellDomId({ row, column }: At): string {
  return `cell-${row}-${column}`;
}

/** One text per row, so that rows of which nothing has changed are not drawn again. */
function flawsOf(
  flaws: ReadonlyMap<string, string>,
  row: number,
  columns: readonly SheetColumn[],
): string {
  if (flaws.size === 0) return '';
  return columns
    .map(({ id }, index) => (flaws.has(`${row} ${id}`) ? index : -1))
    .filter((index) => index >= 0)
    .join(' ');
}

type RowProps = {
  readonly row: Row;
  readonly index: number;
  readonly start: number;
  readonly width: number;
  readonly columns: readonly SheetColumn[];
  readonly speech: Speech;
  readonly mark: Mark;
  /** Numbers of the columns whose cells are flawed. */
  readonly flaws: string;
  /** The column on which the reader stands; −1 in all other rows. */
  readonly at: number;
  readonly told: { readonly current: Pick<SheetProps, 'move' | 'edit'> };
};

const SheetRow = memo(function SheetRow(props: RowProps) {
  const { row, index, start, width, columns, speech, mark, flaws, at, told } = props;
  const flawed = new Set(flaws.split(' ').filter(Boolean).map(Number));
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={at >= 0}
      className="sheet-row"
      style={{ transform: `translateY(${start}px)`, width }}
    >
      <div role="rowheader" className="sheet-gutter" style={{ width: gutter }}>
        <RowMark mark={mark} />
        {index + 1}
      </div>
      {columns.map((column, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the sheet hears the keys for all of its cells
        <div
          key={column.id}
          id={cellDomId({ row: index, column: place })}
          role="gridcell"
          aria-colindex={place + 2}
          aria-selected={place === at}
          aria-invalid={flawed.has(place) || undefined}
          className="sheet-cell"
          data-still={column.isStill}
          style={{ width: column.width, left: leftOf(columns, place) }}
          onClick={() => told.current.move({ row: index, column: place })}
          onDoubleClick={() => told.current.edit({ text: column.get(row) })}
        >
          <CellText column={column} text={column.get(row)} speech={speech} />
        </div>
      ))}
    </div>
  );
});

/** Conditions in words; the text itself stands above the sheet when the reader comes to it. */
function CellText({
  column,
  text,
  speech,
}: {
  readonly column: SheetColumn;
  readonly text: string;
  readonly speech: Speech;
}) {
  if (text === '') return null;
  if (column.fact !== undefined) {
    const words = cellWords(column.fact, text, speech);
    return words === undefined ? <span className="mono">{text}</span> : <span>{words}</span>;
  }
  if (column.id === 'cap') return <span>{valueWords('amount', text, speech)}</span>;
  if (column.id.endsWith('outcome')) return <State word={text} />;
  return <span className={column.isCode ? 'mono' : undefined}>{text}</span>;
}

function RowMark({ mark }: { readonly mark: Mark }) {
  switch (mark) {
    case 'flaw':
      return <TriangleAlert size={12} className="mark-bad" aria-label="flawed" />;
    case 'good':
      return <Check size={12} className="mark-good" aria-label="passed" />;
    case 'untested':
      return <X size={12} className="dimmed" aria-label="no test makes it hold" />;
    default:
      return <span />;
  }
}
