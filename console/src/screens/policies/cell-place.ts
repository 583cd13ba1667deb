// Where on the sheets a flaw stands that the server tells by its place in the bundle.
import { stepsOf } from './shape.ts';
import type { Sheet } from './sheets.ts';

export type CellPlace = {
  readonly sheet: string;
  readonly row: number;
  readonly column: string | undefined;
};

/** The cell that a flaw is about; undefined where the sheets do not show its place. */
export function cellOf(sheets: readonly Sheet[], pointer: string): CellPlace | undefined {
  const steps = stepsOf(pointer);
  for (const { id, steps: own, isRecord, rows, columns } of sheets) {
    if (steps.length <= own.length || own.some((step, index) => steps[index] !== step)) continue;
    const [at = '', ...inside] = steps.slice(own.length);
    const row = isRecord ? rows.findIndex(({ name }) => name === at) : Number(at);
    if (!(row >= 0 && row < rows.length)) continue;
    const names = [inside.slice(0, 2).join(' '), inside[0], inside[1]];
    const column = columns.find((each) => names.includes(each.id))?.id;
    const whole = isRecord && inside.length === 0 ? columns[id === 'reasons' ? 1 : 0]?.id : column;
    return { sheet: id, row, column: whole };
  }
  return undefined;
}
