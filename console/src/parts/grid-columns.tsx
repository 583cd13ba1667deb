// The columns of a grid: which are shown and how wide is the reader's own choice, kept in the browser.
import { ActionIcon, Menu } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { Columns3 } from 'lucide-react';
import { type ReactNode, type RefObject, useLayoutEffect, useMemo, useState } from 'react';

export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** In pixels; what is left over goes to the column with `grow`. */
  readonly width: number;
  readonly grow?: boolean;
  readonly align?: 'end';
  /** Makes way where there is no place for all; the last first. */
  readonly spare?: boolean;
};

export type ShownColumns<Row> = {
  readonly shown: readonly Column<Row>[];
  readonly resizers: ReadonlyMap<string, (event: unknown) => void>;
};

const features = tableFeatures({
  ...{ columnVisibilityFeature, columnSizingFeature, columnResizingFeature },
});
const noRows: object[] = [];

export function useShownColumns<Row>(columns: readonly Column<Row>[], label: string) {
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
    return visible.map((column) => {
      const width = sizes[column.id] ?? column.width;
      // Who chose it wants to see it.
      return hidden[column.id] ? { ...column, width, spare: false } : { ...column, width };
    });
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

/** Of those, what has its place in the frame. */
export function useFitting<Row>(
  columns: readonly Column<Row>[],
  frame: RefObject<HTMLElement | null>,
): readonly Column<Row>[] {
  const [place, setPlace] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const measure = () => setPlace(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return useMemo(() => {
    let fitting = columns;
    while (rowWidth(fitting) > place) {
      const last = fitting.findLast(({ spare = false }) => spare);
      if (!last) break;
      fitting = fitting.filter((column) => column !== last);
    }
    return fitting;
  }, [columns, place]);
}

const menuWidth = 26;

/** Of the columns, and of the button that chooses them. */
export function rowWidth(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width, menuWidth);
}

function applied<Value>(change: Value | ((before: Value) => Value), before: Value): Value {
  return change instanceof Function ? change(before) : change;
}
