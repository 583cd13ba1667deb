// One row of numbers between two operators of a graph, and where each of its columns comes from.
import { type OnnxNode, type OnnxTensor, refuse } from './file.ts';

export type Row = {
  readonly values: Float32Array;
  readonly columns: readonly Column[];
  readonly needs: readonly Row[];
  /** Computes `values` from those of the rows that it needs. */
  readonly run: () => void;
};

/**
 * Before the model, a column follows one input of the graph. After it, a column grows with
 * offset + Σ weights × margins of the model; `linked` once it went through something that is not
 * linear, such as a sigmoid: from then on only the direction of a change counts.
 */
export type Column =
  | { readonly kind: 'input'; readonly index: number }
  | {
      readonly kind: 'margin';
      readonly model: Predictor;
      readonly weights: readonly number[];
      readonly offset: number;
      readonly linked: boolean;
    };

/** The one part of a graph that weighs inputs against each other. */
export type Predictor = {
  readonly reads: Row;
  /** Of each margin: what it is before any input is looked at. */
  readonly bases: readonly number[];
  /**
   * Adds to `into`, by input of the graph, factor × what each contributes to a margin of the row
   * that was read last. The contributions sum to margin − base.
   */
  readonly explain: (question: { margin: number; factor: number; into: Float64Array }) => void;
};

/** What a name in a graph stands for. A label is the class that a classifier chose: unused. */
export type Value =
  | { readonly kind: 'row' | 'zipped'; readonly row: Row }
  | { readonly kind: 'constant'; readonly tensor: OnnxTensor }
  | { readonly kind: 'label' };

/** For each column that a model reads, the input of the graph that it follows. */
export function inputsOf(node: OnnxNode, { columns }: Row): Int32Array {
  return Int32Array.from(columns, (column) =>
    column.kind === 'input' ? column.index : refuse(node.title, 'reads what another model answers'),
  );
}

export function link(column: Column): Column {
  return column.kind === 'input' ? column : { ...column, linked: true };
}

/** The column after × factor + offset. */
export function scaleColumn(column: Column, factor: number, offset: number): Column {
  if (column.kind === 'input') return column;
  if (column.linked) return { ...column, ...scaled(column, Math.sign(factor), 0) };
  return { ...column, ...scaled(column, factor, offset) };
}

function scaled(
  column: Extract<Column, { kind: 'margin' }>,
  factor: number,
  offset: number,
): { weights: readonly number[]; offset: number } {
  return {
    weights: column.weights.map((weight) => weight * factor),
    offset: column.offset * factor + offset,
  };
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
