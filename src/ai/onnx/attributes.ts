// What a node says about itself: each attribute by its name and type, and none that is not known.
import { type AttributeValues, type OnnxNode, quoted, refuse } from './file.ts';

export type Attributes = {
  /** The value, or `otherwise` where the attribute is absent. */
  readonly get: <Type extends keyof AttributeValues, Otherwise>(
    type: Type,
    name: string,
    otherwise: Otherwise,
  ) => AttributeValues[Type] | Otherwise;
  /** As `get`, of finite numbers only. */
  readonly finite: (name: string) => readonly number[];
  readonly integers: (name: string) => readonly number[];
  readonly refuse: (name: string, why: string) => never;
};

/** Attributes in `known` may be there; another one is refused, because it could mean something. */
export function openAttributes(node: OnnxNode, known: readonly string[]): Attributes {
  const refuseOne = (name: string, why: string) =>
    refuse(`${node.title}: the attribute ${quoted(name)}`, why);
  for (const name of node.attributes.keys()) {
    if (!known.includes(name)) refuseOne(name, 'is not known here');
  }
  const get: Attributes['get'] = (type, name, otherwise) => {
    const found = node.attributes.get(name);
    if (found === undefined) return otherwise;
    if (found.type !== type) refuseOne(name, `is of type ${found.type} instead of ${type}`);
    return found.value as AttributeValues[typeof type];
  };
  return {
    get,
    finite(name) {
      const values = get('floats', name, []);
      if (!values.every(Number.isFinite)) refuseOne(name, 'has a value that is no finite number');
      return values;
    },
    integers: (name) => get('integers', name, []),
    refuse: refuseOne,
  };
}
