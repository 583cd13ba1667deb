// The messages of an ONNX file that we know (onnx.proto, IR versions 3 to 13), as plain values.
// What could change the meaning of a graph and is not known here is refused, never skipped.
import { Fault } from '#core';
import { type Message, openMessage } from './protobuf.ts';

export type OnnxFile = {
  /** Version by domain; the domain of plain operators is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly string[];
};

export type OnnxNode = {
  /** As faults name it: the operator, and its name or what it writes. */
  readonly title: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
};

export type OnnxAttribute = {
  [Type in keyof AttributeValues]: { readonly type: Type; readonly value: AttributeValues[Type] };
}[keyof AttributeValues];

export type AttributeValues = {
  readonly float: number;
  readonly integer: number;
  readonly text: string;
  readonly floats: readonly number[];
  readonly integers: readonly number[];
  readonly texts: readonly string[];
  readonly tensor: OnnxTensor;
};

export type OnnxTensor = {
  readonly type: 'float' | 'integer';
  readonly dims: readonly number[];
  readonly values: readonly number[];
};

/** A graph's input: its dimensions, null where any size goes; undefined where there is no shape. */
export type OnnxValue = {
  readonly name: string;
  readonly isFloat: boolean;
  readonly dims: readonly (number | null)[] | undefined;
};

const fileBytesMax = 8 * 2 ** 20;
const nodesMax = 500;
const textsMax = 4_000_000;
const dimsMax = 8;
const versions = { ir: [3, 13] as const };
/** AttributeProto.AttributeType. */
const attributeTypes = {
  1: 'float',
  2: 'integer',
  3: 'text',
  4: 'tensor',
  6: 'floats',
  7: 'integers',
  8: 'texts',
} as const;
/** TensorProto.DataType. */
const dataType = { float: 1, int64: 7 } as const;

export function readOnnxFile(bytes: Uint8Array): OnnxFile {
  if (bytes.length > fileBytesMax) refuse('the file', `has more than ${fileBytesMax} bytes`);
  const opsets = new Map<string, number>();
  let irVersion = 0;
  let graph: Uint8Array | undefined;
  each(openMessage(bytes, 'the model'), 'the model', [2, 3, 4, 5, 6, 14], {
    1: (it) => {
      irVersion = it.integer();
    },
    7: (it) => {
      if (graph !== undefined) refuse('the model', 'has two graphs');
      graph = it.bytes();
    },
    8: (it) => {
      const { domain, version } = readOpset(it.bytes());
      if ((opsets.get(domain) ?? version) !== version) {
        refuse('the model', `needs two versions of the domain ${quoted(domain)}`);
      }
      opsets.set(domain, version);
    },
    20: () => refuse('the model', 'carries training information'),
    25: () => refuse('the model', 'defines functions'),
  });
  const [from, to] = versions.ir;
  if (irVersion < from || irVersion > to) {
    refuse('the model', `has the IR version ${irVersion}, not one of ${from} to ${to}`);
  }
  if (graph === undefined) refuse('the model', 'has no graph');
  return { opsets, ...readGraph(graph) };
}

export function refuse(place: string, why: string): never {
  throw new Fault('model_invalid', `${place} ${why}`);
}

/** A name out of the file, as a message may show it. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

function readOpset(bytes: Uint8Array): { domain: string; version: number } {
  let domain = '';
  let version = 0;
  each(openMessage(bytes, 'an opset'), 'an opset', [], {
    1: (it) => {
      domain = it.text();
    },
    2: (it) => {
      version = it.integer();
    },
  });
  return { domain: domain === 'ai.onnx' ? '' : domain, version };
}

function readGraph(bytes: Uint8Array): Omit<OnnxFile, 'opsets'> {
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: string[] = [];
  each(openMessage(bytes, 'the graph'), 'the graph', [2, 10, 13, 14, 16], {
    1: (it) => {
      if (nodes.length >= nodesMax) refuse('the graph', `has more than ${nodesMax} nodes`);
      nodes.push(readNode(it.bytes()));
    },
    5: (it) => {
      const { name, tensor } = readTensor(it.bytes());
      if (constants.size >= nodesMax) refuse('the graph', `has more than ${nodesMax} constants`);
      if (constants.has(name)) refuse('the graph', `has two constants ${quoted(name)}`);
      constants.set(name, tensor);
    },
    11: (it) => {
      if (inputs.length >= nodesMax) refuse('the graph', `has more than ${nodesMax} inputs`);
      inputs.push(readValue(it.bytes()));
    },
    12: (it) => {
      if (outputs.length >= nodesMax) refuse('the graph', `has more than ${nodesMax} outputs`);
      outputs.push(readValue(it.bytes()).name);
    },
    15: () => refuse('the graph', 'has sparse constants'),
  });
  return { nodes, constants, inputs, outputs };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  let [name, operator, domain] = ['', '', ''];
  each(openMessage(bytes, 'a node'), 'a node', [6, 9], {
    1: (it) => inputs.push(it.text()),
    2: (it) => outputs.push(it.text()),
    3: (it) => {
      name = it.text();
    },
    4: (it) => {
      operator = it.text();
    },
    5: (it) => attributes.push(it.bytes()),
    7: (it) => {
      domain = it.text();
    },
  });
  const title = `${quoted(operator)} (${quoted(name === '' ? (outputs[0] ?? '') : name)})`;
  const read = new Map<string, OnnxAttribute>();
  for (const content of attributes) {
    const { name, attribute } = readAttribute(content, title);
    if (read.has(name)) refuse(title, `has the attribute ${quoted(name)} twice`);
    read.set(name, attribute);
  }
  domain = domain === 'ai.onnx' ? '' : domain;
  return { title, operator, domain, inputs, outputs, attributes: read };
}

function readAttribute(
  bytes: Uint8Array,
  node: string,
): { name: string; attribute: OnnxAttribute } {
  let [name, type, float, integer, text] = ['', 0, 0, 0, ''];
  let tensor: OnnxTensor | undefined;
  const [floats, integers, texts]: [number[], number[], string[]] = [[], [], []];
  each(openMessage(bytes, `${node}: an attribute`), `${node}: an attribute`, [13], {
    1: (it) => {
      name = it.text();
    },
    2: (it) => {
      float = it.float();
    },
    3: (it) => {
      integer = it.integer();
    },
    4: (it) => {
      text = it.text();
    },
    5: (it) => {
      tensor = readTensor(it.bytes()).tensor;
    },
    6: () => refuse(node, `has a subgraph in its attribute ${quoted(name)}`),
    7: (it) => it.floats(floats),
    8: (it) => it.integers(integers),
    9: (it) => {
      if (texts.length >= textsMax) refuse(node, `has more than ${textsMax} texts`);
      texts.push(it.text());
    },
    11: () => refuse(node, `has subgraphs in its attribute ${quoted(name)}`),
    20: (it) => {
      type = it.integer();
    },
  });
  const place = `${node}: the attribute ${quoted(name)}`;
  const known = attributeTypes[type as keyof typeof attributeTypes];
  if (known === undefined) refuse(place, `has the type ${type}, which is not read`);
  if (known === 'tensor' && tensor === undefined) refuse(place, 'has no tensor');
  const values = { float, integer, text, floats, integers, texts, tensor };
  return { name, attribute: { type: known, value: values[known] } as OnnxAttribute };
}

function readTensor(bytes: Uint8Array): { name: string; tensor: OnnxTensor } {
  const [dims, floats, integers]: [number[], number[], number[]] = [[], [], []];
  let [name, type] = ['', 0];
  let raw: Uint8Array | undefined;
  const external = () => refuse(`the tensor ${quoted(name)}`, 'has its data outside of the file');
  each(openMessage(bytes, 'a tensor'), 'a tensor', [12, 16], {
    1: (it) => it.integers(dims),
    2: (it) => {
      type = it.integer();
    },
    4: (it) => it.floats(floats),
    7: (it) => it.integers(integers),
    8: (it) => {
      name = it.text();
    },
    9: (it) => {
      raw = it.bytes();
    },
    13: external,
    14: (it) => (it.integer() === 0 ? undefined : external()),
  });
  const place = `the tensor ${quoted(name)}`;
  if (type !== dataType.float && type !== dataType.int64) {
    refuse(place, `has the element type ${type}, neither float nor int64`);
  }
  if (dims.length > dimsMax || dims.some((dim) => dim < 1)) refuse(place, 'has no usable shape');
  const isFloat = type === dataType.float;
  const listed = isFloat ? floats : integers;
  if (raw !== undefined && listed.length > 0) refuse(place, 'has its data twice');
  const values = raw === undefined ? listed : readRaw(raw, isFloat, place);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (values.length !== size) refuse(place, `has ${values.length} values for ${size} places`);
  return { name, tensor: { type: isFloat ? 'float' : 'integer', dims, values } };
}

function readRaw(raw: Uint8Array, isFloat: boolean, place: string): number[] {
  const width = isFloat ? 4 : 8;
  if (raw.length % width !== 0) refuse(place, 'has half a value in its data');
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw.length / width }, (_, index) =>
    isFloat ? view.getFloat32(index * 4, true) : Number(view.getBigInt64(index * 8, true)),
  );
}

function readValue(bytes: Uint8Array): OnnxValue {
  let name = '';
  let type: Uint8Array | undefined;
  each(openMessage(bytes, 'a value'), 'a value', [3, 4], {
    1: (it) => {
      name = it.text();
    },
    2: (it) => {
      type = it.bytes();
    },
  });
  const none = { name, isFloat: false, dims: undefined };
  if (type === undefined) return none;
  let tensor: Uint8Array | undefined;
  each(openMessage(type, `the type of ${quoted(name)}`), 'a type', [4, 5, 6, 8, 9], {
    1: (it) => {
      tensor = it.bytes();
    },
  });
  return tensor === undefined ? none : { name, ...readTensorType(tensor, name) };
}

function readTensorType(bytes: Uint8Array, name: string): Omit<OnnxValue, 'name'> {
  const place = `the type of ${quoted(name)}`;
  let element = 0;
  let dims: (number | null)[] | undefined;
  each(openMessage(bytes, place), place, [], {
    1: (it) => {
      element = it.integer();
    },
    2: (it) => {
      dims = [];
      each(openMessage(it.bytes(), place), place, [], {
        1: (shape) => dims?.push(readDimension(shape.bytes(), place)),
      });
    },
  });
  return { isFloat: element === dataType.float, dims };
}

function readDimension(bytes: Uint8Array, place: string): number | null {
  let size: number | null = null;
  each(openMessage(bytes, place), place, [2, 3], {
    1: (it) => {
      size = it.integer();
    },
  });
  return size;
}

/** Takes each field by its number; those in `ignored` mean nothing, and any other is refused. */
function each(
  message: Message,
  what: string,
  ignored: readonly number[],
  take: Readonly<Record<number, (message: Message) => unknown>>,
): void {
  for (let field = message.next(); field !== 0; field = message.next()) {
    const taken = take[field];
    if (taken !== undefined) taken(message);
    else if (ignored.includes(field)) message.skip();
    else refuse(what, `has the field ${field}, which is not read here`);
  }
}
