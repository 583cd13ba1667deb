// Reads protocol buffers (the wire format, https://protobuf.dev/programming-guides/encoding) out of
// bytes that nobody has to trust: bounded, without recursion, and no length is believed.
import { Fault } from '#core';

/** A cursor over the fields of one message. What `next` has found is taken once, or skipped. */
export type Message = {
  /** Moves to the next field and answers its number: 0 at the end. */
  readonly next: () => number;
  readonly skip: () => void;
  readonly integer: () => number;
  readonly float: () => number;
  readonly bytes: () => Uint8Array;
  readonly text: () => string;
  /** Appends to a repeated field, which may come packed or one by one. */
  readonly integers: (list: number[]) => void;
  readonly floats: (list: number[]) => void;
};

const listMax = 4_000_000;
const textBytesMax = 1_000;
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `what` names the message in faults. */
export function openMessage(content: Uint8Array, what: string): Message {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  let kind = -1;
  let field = 0;
  const refuse: Refuse = (why) => {
    const place = field === 0 ? what : `${what}, field ${field}`;
    throw new Fault('model_invalid', `${place}: ${why}`);
  };
  const cursor = openCursor(content, refuse);
  const { advance, varint, length } = cursor;

  function expect(wanted: number): void {
    if (kind !== wanted) refuse(`has wire type ${kind} instead of ${wanted}`);
  }
  function bytes(): Uint8Array {
    expect(wire.bytes);
    const from = advance(length());
    return content.subarray(from, cursor.at());
  }
  function add(list: number[], value: number): void {
    if (list.length >= listMax) refuse(`has more than ${listMax} values`);
    list.push(value);
  }

  return {
    next() {
      if (cursor.at() === content.length) return 0;
      const key = varint();
      field = key >>> 3;
      kind = key & 7;
      if (key < 0 || field === 0) refuse('is no protocol buffer');
      return field;
    },
    skip() {
      if (kind === wire.varint) varint();
      else if (kind === wire.fixed64) advance(8);
      else if (kind === wire.bytes) bytes();
      else if (kind === wire.fixed32) advance(4);
      else refuse(`has the unknown wire type ${kind}`);
    },
    integer() {
      expect(wire.varint);
      return varint();
    },
    float() {
      expect(wire.fixed32);
      return view.getFloat32(advance(4), true);
    },
    bytes,
    text: () => decode(bytes(), refuse),
    integers(list) {
      if (kind === wire.varint) return add(list, varint());
      const packed = openCursor(bytes(), refuse);
      while (!packed.isAtEnd()) add(list, packed.varint());
    },
    floats(list) {
      if (kind === wire.fixed32) return add(list, view.getFloat32(advance(4), true));
      const packed = bytes();
      if (packed.length % 4 !== 0) refuse('is packed wrongly');
      const from = cursor.at() - packed.length;
      for (let at = from; at < cursor.at(); at += 4) add(list, view.getFloat32(at, true));
    },
  };
}

type Refuse = (why: string) => never;

/** A place in the bytes that only moves on, and never beyond them. */
function openCursor(content: Uint8Array, refuse: Refuse) {
  let at = 0;

  /** Moves on by so many bytes, and answers where they begin. */
  function advance(length: number): number {
    if (length > content.length - at) refuse('is longer than the bytes that there are');
    at += length;
    return at - length;
  }
  function varint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = content[advance(1)] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return longVarint(value);
  }
  /** Beyond 28 bits, which is rare: negative numbers take ten bytes. */
  function longVarint(low: number): number {
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = content[advance(1)] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      const number = Number(BigInt.asIntN(64, value));
      return Number.isSafeInteger(number) ? number : refuse('is an integer beyond 2^53');
    }
    return refuse('is an integer of more than ten bytes');
  }
  function length(): number {
    const bytes = varint();
    return bytes >= 0 ? bytes : refuse('has a negative length');
  }
  return { at: () => at, isAtEnd: () => at === content.length, advance, varint, length };
}

function decode(content: Uint8Array, refuse: Refuse): string {
  if (content.length > textBytesMax) refuse(`is a text of more than ${textBytesMax} bytes`);
  try {
    return utf8.decode(content);
  } catch {
    return refuse('is no UTF-8');
  }
}
