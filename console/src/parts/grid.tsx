// The list of everything: TanStack Table over virtual rows of one height, so that a hundred
// thousand of them scroll as ten do. Arrow keys, j and k move; Enter opens; what is new is offered,
// never pushed in under the reader's eye.
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp, Columns3 } from 'lucide-react';
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
} from 'react';
import { useKeys } from './keys.tsx';
import { Loading, ProblemNote } from './states.tsx';

export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** In pixels; what is left over goes to the column with `grow`. */
  readonly width: number;
  readonly grow?: boolean;
  readonly align?: 'end';
};

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
const overscan = 12;
const nearTheEnd = 60;
const features = tableFeatures({
  ...{ columnVisibilityFeature, columnSizingFeature, columnResizingFeature },
});
const noRows: object[] = [];

export function Grid<Row extends object>(props: GridProps<Row>) {
  const { label, rows, idOf, selected, onSelect, onOpen, more, hasMore = false } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    // The head covers the height of one row.
    ...{ overscan, scrollPaddingEnd: rowHeight },
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - nearTheEnd) more?.();
  }, [hasMore, last, rows.length, more]);

  const columns = useShownColumns(props.columns, label);
  const at = selected === undefined ? -1 : rows.findIndex((row) => idOf(row) === selected);
  const isDrawn = shown.some(({ index }) => index === at);
  const onKeyDown = useGridKeys(props, {
    ...{ at, showRow: virtual.scrollToIndex },
    pageRows: () => Math.floor((scroll.current?.clientHeight ?? 300) / rowHeight) - 2,
  });
  const told = useRef({ onSelect, onOpen });
  told.current = { onSelect, onOpen };
  const select = useCallback((row: Row) => told.current.onSelect?.(row), []);
  const open = useCallback((row: Row) => told.current.onOpen?.(row), []);

  return (
    <div className="grid">
      <News news={props.news} toTop={() => virtual.scrollToIndex(0)} />
      {columns.menu}
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
        <Head columns={columns.shown} resizers={columns.resizers} />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {shown.map(({ index, start }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <GridRow
                  key={idOf(row)}
                  {...{ row, index, start, columns: columns.shown, select, open }}
                  domId={rowDomId(idOf(row))}
                  isSelected={index === at}
                />
              )
            );
          })}
        </div>
        <Rest {...props} />
      </div>
    </div>
  );
}

/** Which columns are shown and how wide: the reader's own choice, kept in the browser. */
function useShownColumns<Row>(columns: readonly Column<Row>[], label: string) {
  const [hidden, setHidden] = useLocalStorage<Readonly<Record<string, boolean>>>({
    key: `columns of ${label}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const [sizes, setSizes] = useLocalStorage<Readonly<Record<string, number>>>({
    key: `widths of ${label}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const defined = useMemo(
    () => columns.map(({ id, header, width }) => ({ id, header, size: width, minSize: 48 })),
    [columns],
  );
  // No rows: a row model of a hundred thousand would be made anew with every page that comes.
  const table = useTable({
    ...{ features, columns: defined, data: noRows, columnResizeMode: 'onChange' as const },
    state: { columnVisibility: hidden, columnSizing: sizes },
    onColumnVisibilityChange: (change) => setHidden((before) => applied(change, before)),
    onColumnSizingChange: (change) => setSizes((before) => applied(change, before)),
  });
  const headers = table.getFlatHeaders();
  const shown = useMemo(() => {
    const visible = columns.filter(({ id }) => hidden[id] !== false);
    return visible.map((column) => ({ ...column, width: sizes[column.id] ?? column.width }));
  }, [columns, hidden, sizes]);
  const resizers = new Map(headers.map((header) => [header.column.id, header.getResizeHandler()]));
  const menu = (
    <Menu closeOnItemClick={false} position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon className="grid-columns" aria-label="Choose columns">
          <Columns3 size={13} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {table.getAllLeafColumns().map((column) => (
          <Menu.CheckboxItem
            key={column.id}
            checked={column.getIsVisible()}
            onChange={(checked) => column.toggleVisibility(checked)}
          >
            {columns.find(({ id }) => id === column.id)?.header}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
  return { shown, menu, resizers };
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

function applied<Value>(change: Value | ((before: Value) => Value), before: Value): Value {
  return change instanceof Function ? change(before) : change;
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

function Head<Row>({
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
}

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
      style={{ transform: `translateY(${start}px)` }}
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
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}) as <Row>(props: RowProps<Row>) => ReactNode;

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
