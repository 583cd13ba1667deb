// The cell that is being edited: Enter and Tab take what is typed and go on, Escape lets it be.
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import type { SheetColumn } from './sheets.ts';

type Step = readonly [number, number];

export function CellInput({
  text,
  column,
  left,
  top,
  cancel,
  done,
}: {
  readonly text: string;
  readonly column: SheetColumn;
  readonly left: number;
  readonly top: number;
  readonly cancel: () => void;
  readonly done: (text: string, step: Step) => void;
}) {
  const [value, setValue] = useState(text);
  const box = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const isOver = useRef(false);
  const listId = useId();
  useLayoutEffect(() => {
    const field = box.current;
    field?.focus({ preventScroll: true });
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  const end = (step: Step) => {
    if (isOver.current) return;
    isOver.current = true;
    done(value, step);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const isEnter = event.key === 'Enter' && !event.shiftKey;
    if (event.key === 'Escape') {
      isOver.current = true;
      cancel();
    } else if (isEnter) end([1, 0]);
    else if (event.key === 'Tab') end([0, event.shiftKey ? -1 : 1]);
    else return;
    event.preventDefault();
  };
  const shared = {
    ...{ ref: box, value, onKeyDown, className: 'sheet-input' },
    'aria-label': column.title,
    'data-code': column.isCode || undefined,
    onBlur: () => end([0, 0]),
    style: { left, top, width: Math.max(column.width, column.choices ? 0 : 220) },
  };
  if (column.choices) {
    return (
      <>
        <input
          {...shared}
          list={listId}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <datalist id={listId}>
          {column.choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      </>
    );
  }
  const rows = Math.min(6, 1 + Math.floor(value.length / 34));
  return (
    <textarea
      {...shared}
      rows={rows}
      onChange={({ currentTarget }) => setValue(currentTarget.value)}
    />
  );
}
