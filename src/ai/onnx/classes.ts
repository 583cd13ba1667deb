// What a classifier of two classes makes of its margins: one for the second class, or one for each.
import { type Attributes, openAttributes } from './attributes.ts';
import type { OnnxNode } from './file.ts';
import { type Column, link, type Predictor, type Row, scaleColumn, sigmoid } from './row.ts';

/** The columns of a row that holds the margins of a model. */
export function marginColumns(model: Predictor): readonly Column[] {
  return model.bases.map((_, margin) => ({
    kind: 'margin',
    model,
    weights: model.bases.map((_, other) => (other === margin ? 1 : 0)),
    offset: 0,
    linked: false,
  }));
}

/** `whole`: what both classes have together, where one untransformed margin stands for two. */
export function answerClasses(node: OnnxNode, margins: Row, whole: 0 | 1): Row {
  const attributes = openAttributes(node, [...node.attributes.keys()]);
  const transform = attributes.get('text', 'post_transform', 'NONE');
  const [first, second] = margins.columns as readonly [Column, Column | undefined];
  const [values, from] = [new Float32Array(2), margins.values];
  const row = (columns: readonly Column[], run: () => void) => ({
    values,
    columns,
    needs: [margins],
    run,
  });
  if (second !== undefined) return answerTwo(attributes, transform, margins);
  switch (transform) {
    case 'NONE':
      return row([scaleColumn(first, -1, whole), first], () => {
        values[0] = whole - (from[0] as number);
        values[1] = from[0] as number;
      });
    case 'LOGISTIC':
      return row([link(scaleColumn(first, -1, 0)), link(first)], () => {
        values[0] = sigmoid(-(from[0] as number));
        values[1] = sigmoid(from[0] as number);
      });
    default:
      return attributes.refuse('post_transform', 'is neither NONE nor LOGISTIC');
  }
}

function answerTwo(attributes: Attributes, transform: string, margins: Row): Row {
  const [values, from] = [new Float32Array(2), margins.values];
  switch (transform) {
    case 'NONE':
      return margins;
    case 'LOGISTIC':
      return {
        values,
        columns: margins.columns.map(link),
        needs: [margins],
        run: () => {
          values[0] = sigmoid(from[0] as number);
          values[1] = sigmoid(from[1] as number);
        },
      };
    case 'SOFTMAX': {
      const against = (column: Column, weights: readonly number[]) =>
        column.kind === 'input' ? column : link({ ...column, weights });
      const [first, second] = margins.columns as readonly [Column, Column];
      return {
        values,
        columns: [against(first, [1, -1]), against(second, [-1, 1])],
        needs: [margins],
        run: () => {
          const apart = (from[1] as number) - (from[0] as number);
          values[0] = sigmoid(-apart);
          values[1] = sigmoid(apart);
        },
      };
    }
    default:
      return attributes.refuse('post_transform', 'is none of NONE, LOGISTIC and SOFTMAX');
  }
}
