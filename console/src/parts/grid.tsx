// The list of everything: TanStack Table over virtual rows of one height, so that a hundred
// thousand of them scroll as ten do. Arrow keys, j and k move; Enter opens; what is new is offered,
// never pushed in under the reader's eye.
import { Button } from '@mantine/core';
import { type Range, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
} from 'react';
import {
  type Column,
  rowWidth,
  type ShownColumns,
  useFitting,
  useShownColumns,
} from './grid-columns.tsx';
import { useKeys } from './keys.tsx';
import { Loading, ProblemNote } from './states.tsx';

export type { Column } from './grid-columns.tsx';

type GridProps<Row> = {
  /** What the list is of, for those who hear it. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  readonly selected?: string | undefined;
  /** Told of the row on which the reader stands. */
  readonly onSelect?: (row: Row) => void;
  /** Enter, or a double click. */
  readonly onOpen?: (row: Row) => void;
  /** Whether j, k and Enter are meant for this list wherever the reader stands on the screen. */
  readonly hearsAll?: boolean;
  /** Told when the end comes near. */
  readonly more?: () => void;
  readonly hasMore?: boolean;
  readonly isPending?: boolean;
  readonly error?: unknown;
  readonly retry?: () => unknown;
  readonly empty?: ReactNode;
  /** How many came since; the list shows them when it is told to. */
  readonly news?: { readonly count: number; readonly show: () => void };
};

const rowHeight = 30;
/** Rows that are drawn beyond what is seen, so that a quick hand sees no gap. */
const overscan = 6;
/** Rows ahead of which the next page is asked for: a quick hand should not come to the end. */
const nearTheEnd = 300;

export function Grid<Row extends object>(props: GridProps<Row>) {
  const { menu, ...columns } = useShownColumns(props.columns, props.label);
  // What is drawn anew with each turn of the wheel is the view alone.
  return (
    <div className="grid">
      {menu}
      <View {...props} shownColumns={columns} />
    </div>
  );
}

function View<Row extends object>(
  props: GridProps<Row> & { readonly shownColumns: ShownColumns<Row> },
) {
  const { label, rows, idOf, selected, more, hasMore = false, shownColumns } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const columns = useFitting(shownColumns.shown, scroll);
  const slots = useSlots();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    rangeExtractor: slots.rangeOf,
    // The head covers the height of one row.
    ...{ overscan, scrollPaddingEnd: rowHeight },
  });
  const drawn = virtual.getVirtualItems();
  const slotOf = slots.slotOf(drawn[0]?.index ?? 0);
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - nearTheEnd) more?.();
  }, [hasMore, last, rows.length, more]);
  const at = useMemo(
    () => (selected === undefined ? -1 : rows.findIndex((row) => idOf(row) === selected)),
    [rows, idOf, selected],
  );
  const isDrawn = drawn.some(({ index }) => index === at);
  const onKeyDown = useGridKeys(props, {
    ...{ at, showRow: virtual.scrollToIndex },
    pageRows: () => Math.floor((scroll.current?.clientHeight ?? 300) / rowHeight) - 2,
  });
  const told = useRef(props);
  told.current = props;
  const select = useCallback((row: Row) => told.current.onSelect?.(row), []);
  const open = useCallback((row: Row) => told.current.onOpen?.(row), []);

  return (
    <>
      <News news={props.news} toTop={() => virtual.scrollToIndex(0)} />
      <div
        ref={scroll}
        className="grid-scroll"
        role="grid"
        aria-label={label}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        tabIndex={0}
        onKeyDown={onKeyDown}
        aria-activedescendant={isDrawn ? rowDomId(idOf(rows[at] as Row)) : undefined}
      >
        <Head columns={columns} resizers={shownColumns.resizers} />
        <div
          role="rowgroup"
          className="grid-rows"
          style={{ height: virtual.getTotalSize(), minWidth: rowWidth(columns) }}
        >
          {drawn.map(({ index, start }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <GridRow
                  key={slotOf(index)}
                  {...{ row, index, start, columns, select, open }}
                  domId={rowDomId(idOf(row))}
                  isSelected={index === at}
                />
              )
            );
          })}
        </div>
        <Rest {...props} />
      </div>
    </>
  );
}

/**
 * A row that leaves gives its elements to one that comes: nothing is built while one scrolls. So
 * there are always equally many, and each has the slot of the one that it follows.
 */
function useSlots() {
  const state = useRef({ size: 0, first: 0, origin: 0 });
  const rangeOf = useCallback(({ startIndex, endIndex, count }: Range) => {
    const seen = endIndex - startIndex + 1 + 2 * overscan;
    state.current.size = Math.max(state.current.size, seen);
    const size = Math.min(count, state.current.size);
    const first = Math.max(0, Math.min(startIndex - overscan, count - size));
    return Array.from({ length: size }, (_, at) => first + at);
  }, []);
  const slotOf = (first: number) => {
    const { size } = state.current;
    // After a leap none of them stays: the order of the elements does.
    if (Math.abs(first - state.current.first) >= size) state.current.origin = first;
    state.current.first = first;
    const { origin } = state.current;
    return (index: number) => (((index - origin) % size) + size) % size;
  };
  return { rangeOf, slotOf };
}

/** Answers what hears the keys of the list itself; with `hearsAll` those of the screen are heard. */
function useGridKeys<Row>(
  { rows, onSelect, onOpen, hearsAll = false }: GridProps<Row>,
  place: {
    readonly at: number;
    readonly showRow: (index: number) => void;
    readonly pageRows: () => number;
  },
): (event: KeyboardEvent) => void {
  const { at, showRow, pageRows } = place;
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    const row = rows[next];
    if (!row) return;
    onSelect?.(row);
    showRow(next);
  };
  const openHere = () => {
    const row = rows[at];
    if (row) onOpen?.(row);
  };
  useKeys(
    [
      { key: 'j', words: 'Next in the list', act: () => move(1) },
      { key: 'k', words: 'The one before', act: () => move(-1) },
      { key: 'Enter', words: 'Open it', act: openHere },
    ],
    hearsAll,
  );
  return (event) => {
    const by = stepOf(event, pageRows());
    if (by !== undefined) {
      event.preventDefault();
      move(by);
    } else if (event.key === 'Enter' && isRowOrGrid(event)) {
      event.preventDefault();
      openHere();
    }
  };
}

function stepOf({ key, altKey, ctrlKey, metaKey }: KeyboardEvent, page: number) {
  if (altKey || ctrlKey || metaKey) return undefined;
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return 1;
    case 'k':
    case 'ArrowUp':
      return -1;
    case 'PageDown':
      return page;
    case 'PageUp':
      return -page;
    case 'Home':
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

/** Not a link or a button within a row, which has an Enter of its own. */
function isRowOrGrid({ target, currentTarget }: KeyboardEvent): boolean {
  return target === currentTarget || (target as Element).getAttribute('role') === 'row';
}

function rowDomId(id: string): string {
  return `row-${id}`;
}

const Head = memo(function Head<Row>({
  columns,
  resizers,
}: {
  readonly columns: readonly Column<Row>[];
  readonly resizers: ReadonlyMap<string, (event: unknown) => void>;
}) {
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} style={{ display: 'flex', flex: 1 }}>
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className="grid-cell"
            data-align={column.align}
            style={widthOf(column)}
          >
            {column.header}
            <span
              className="grid-resize"
              aria-hidden
              onMouseDown={resizers.get(column.id)}
              onTouchStart={resizers.get(column.id)}
            />
          </div>
        ))}
      </div>
    </div>
  );
}) as <Row>(props: {
  readonly columns: readonly Column<Row>[];
  readonly resizers: ReadonlyMap<string, (event: unknown) => void>;
}) => ReactNode;

function widthOf({ width, grow = false }: { width: number; grow?: boolean }) {
  // A width of its own, so that long content makes no row wider than the others.
  return grow ? { width, flexGrow: 1 } : { width };
}

type RowProps<Row> = {
  readonly row: Row;
  readonly index: number;
  readonly start: number;
  readonly columns: readonly Column<Row>[];
  readonly domId: string;
  readonly isSelected: boolean;
  readonly select: (row: Row) => void;
  readonly open: (row: Row) => void;
};

const GridRow = memo(function GridRow<Row>(props: RowProps<Row>) {
  const { row, index, start, columns, domId, isSelected, select, open } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys for all of its rows
    <div
      id={domId}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className="grid-row"
      style={{ top: start }}
      onClick={() => select(row)}
      onDoubleClick={() => open(row)}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className="grid-cell"
          data-align={column.align}
          style={widthOf(column)}
        >
          <Cell>{column.cell(row)}</Cell>
        </div>
      ))}
    </div>
  );
}) as <Row>(props: RowProps<Row>) => ReactNode;

/** Bare words are no box of their own, and would be cut without a sign of it. */
function Cell({ children }: { readonly children: ReactNode }) {
  return typeof children === 'string' ? <span>{children}</span> : children;
}

/** What stands in the place of rows: a row to those who hear it (ARIA 1.2, grid). */
function Rest<Row>(props: GridProps<Row>) {
  const rest = restOf(props);
  return (
    rest !== null && (
      <div role="row" style={{ display: 'contents' }}>
        <div role="gridcell" style={{ display: 'contents' }}>
          {rest}
        </div>
      </div>
    )
  );
}

function restOf<Row>({ rows, isPending, error, retry, empty, hasMore }: GridProps<Row>) {
  if (error) {
    return (
      <div style={{ padding: 12 }}>
        <ProblemNote error={error} {...(retry ? { retry } : {})} />
      </div>
    );
  }
  if (isPending) return <Loading />;
  if (rows.length === 0) return <>{empty}</>;
  return hasMore ? <Loading /> : null;
}

function News({ news, toTop }: { readonly news: GridProps<unknown>['news']; toTop: () => void }) {
  if (!news || news.count === 0) return null;
  return (
    <div className="grid-news" aria-live="polite">
      <Button
        size="compact-xs"
        leftSection={<ArrowUp size={12} />}
        onClick={() => {
          news.show();
          toTop();
        }}
      >
        {news.count} new
      </Button>
    </div>
  );
}
