// States as bytes: only buckets in which something has happened, and small numbers in few bytes.
import { type Layout, layouts, type Ring, type Sampling, type Statistic } from './layout.ts';
import { sampleCells } from './distinct.ts';
import type { EntityKind } from './readings.ts';
import { emptyState, type State } from './state.ts';

/**
 * The layout's fingerprint (two bytes), the two instants; of each ring the number of its newest
 * bucket, which buckets are there, and their cells; then the samples. Counts and instants are
 * varints, sums have the five bytes to which they are rounded, the largest amounts are float32.
 */
export function pack(kind: EntityKind, state: State): Uint8Array {
  const layout = layouts[kind];
  const writer = createWriter();
  writer.bytes(layout.fingerprint >>> 8, layout.fingerprint & 255);
  writer.varint(state[0] as number);
  writer.varint(state[1] as number);
  for (const ring of layout.rings) packRing(writer, state, ring);
  for (const sampling of layout.samplings) packSamples(writer, state, sampling);
  return writer.result();
}

/** Undefined for what was packed by another layout, or is no state at all. */
export function unpack(kind: EntityKind, bytes: Uint8Array): State | undefined {
  const layout = layouts[kind];
  const reader = createReader(bytes);
  if (bytes.length < 2 || reader.byte() * 256 + reader.byte() !== layout.fingerprint) return;
  const state = emptyState(kind);
  state[0] = reader.varint();
  state[1] = reader.varint();
  for (const ring of layout.rings) unpackRing(reader, state, ring);
  for (const sampling of layout.samplings) unpackSamples(reader, state, sampling);
  return state;
}

/** How long a state can become at most, whatever happens, with counts below 2^(7 * `digits`). */
export function bytesMax({ rings, samplings }: Layout, digits = 4): number {
  const [instant, header] = [6, 2];
  const field = { count: digits, sum: 5, squares: 5, max: 4 };
  const ofRings = rings.map(({ size, fields }) => {
    const bucket = fields.reduce((sum, statistic) => sum + field[statistic], 0);
    return instant + 1 + Math.ceil(size / 8) + size * bucket;
  });
  const ofSamples = samplings.map(() => 2 + instant + 32 * (4 + 2 + 1));
  return [...ofRings, ...ofSamples].reduce((sum, each) => sum + each, header + 2 * instant);
}

function packRing(writer: Writer, state: State, { offset, size, fields }: Ring): void {
  const { length } = fields;
  const newest = state[offset] as number;
  const oldest = Math.min(size - 1, newest);
  const rows: number[] = [];
  present.fill(0);
  // From the newest on: what is sparse is mostly recent, and the rest of the map is left out.
  for (let age = 0; age <= oldest; age += 1) {
    const row = offset + 1 + ((newest - age) % size) * length;
    if (isEmpty(state, row, length)) continue;
    rows.push(row);
    present[age >>> 3] = (present[age >>> 3] as number) | (1 << (age & 7));
  }
  const mapped = present.findLastIndex((byte) => byte !== 0) + 1;
  writer.varint(newest);
  writer.bytes(mapped);
  for (let index = 0; index < mapped; index += 1) writer.bytes(present[index] as number);
  for (const row of rows) {
    fields.forEach((statistic, column) => {
      formats[statistic].write(writer, state[row + column] as number);
    });
  }
}

/** Which buckets are there, a bit each. */
const present = new Uint8Array(Math.ceil(Math.max(...Object.values(layouts).flatMap(sizesOf)) / 8));

function sizesOf({ rings }: Layout): number[] {
  return rings.map(({ size }) => size);
}

function isEmpty(state: State, from: number, length: number): boolean {
  for (let cell = from; cell < from + length; cell += 1) if (state[cell] !== 0) return false;
  return true;
}

function unpackRing(reader: Reader, state: State, { offset, size, fields }: Ring): void {
  const newest = reader.varint();
  const mapped = reader.byte();
  const bits = Array.from({ length: mapped }, () => reader.byte());
  state[offset] = newest;
  for (let age = 0; age < mapped * 8; age += 1) {
    if (((bits[age >>> 3] as number) & (1 << (age & 7))) === 0) continue;
    const row = offset + 1 + ((newest - age) % size) * fields.length;
    fields.forEach((statistic, column) => {
      state[row + column] = formats[statistic].read(reader);
    });
  }
}

/** Level, number and the latest bucket, then hash, distance to it and level of each. */
function packSamples(writer: Writer, state: State, { offset }: Sampling): void {
  const [level, count] = [state[offset] as number, state[offset + 1] as number];
  writer.bytes(level, count);
  const starts = Array.from({ length: count }, (_, index) => offset + 2 + index * sampleCells);
  const latest = starts.reduce((most, at) => Math.max(most, state[at + 1] as number), 0);
  writer.varint(latest);
  for (const at of starts) {
    writer.uint32(state[at] as number);
    writer.varint(latest - (state[at + 1] as number));
    writer.bytes(state[at + 2] as number);
  }
}

function unpackSamples(reader: Reader, state: State, { offset }: Sampling): void {
  state[offset] = reader.byte();
  const count = reader.byte();
  state[offset + 1] = count;
  const latest = reader.varint();
  for (let index = 0; index < count; index += 1) {
    const at = offset + 2 + index * sampleCells;
    state[at] = reader.uint32();
    state[at + 1] = latest - reader.varint();
    state[at + 2] = reader.byte();
  }
}

// Bytes -------------------------------------------------------------------------------------------

type Format = {
  readonly write: (writer: Writer, value: number) => void;
  readonly read: (reader: Reader) => number;
};

const formats: Readonly<Record<Statistic, Format>> = {
  count: { write: (writer, value) => writer.varint(value), read: (reader) => reader.varint() },
  sum: { write: (writer, value) => writer.float40(value), read: (reader) => reader.float40() },
  squares: { write: (writer, value) => writer.float40(value), read: (reader) => reader.float40() },
  max: { write: (writer, value) => writer.float32(value), read: (reader) => reader.float32() },
};

type Writer = ReturnType<typeof createWriter>;

/** One buffer for all: what is packed is copied out of it before anybody writes again. */
const scratch = new DataView(new ArrayBuffer(16_384));
const scratchBytes = new Uint8Array(scratch.buffer);

function createWriter() {
  let at = 0;
  return {
    bytes(...values: readonly number[]): void {
      for (const value of values) scratch.setUint8(at++, value);
    },
    varint(value: number): void {
      let rest = value;
      while (rest > 127) {
        scratch.setUint8(at++, (rest % 128) | 128);
        rest = Math.floor(rest / 128);
      }
      scratch.setUint8(at++, rest);
    },
    uint32(value: number): void {
      scratch.setUint32(at, value);
      at += 4;
    },
    float32(value: number): void {
      scratch.setFloat32(at, value);
      at += 4;
    },
    /** The first five bytes of a float64 whose others are zero; they are written over. */
    float40(value: number): void {
      scratch.setFloat64(at, value);
      at += 5;
    },
    result: () => scratchBytes.slice(0, at),
  };
}

type Reader = ReturnType<typeof createReader>;

function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return {
    byte: () => view.getUint8(at++),
    varint(): number {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = view.getUint8(at++);
        value += (byte & 127) * scale;
        if (byte < 128) return value;
      }
    },
    uint32(): number {
      at += 4;
      return view.getUint32(at - 4);
    },
    float32(): number {
      at += 4;
      return view.getFloat32(at - 4);
    },
    float40(): number {
      wide.setUint32(0, view.getUint32(at));
      wide.setUint32(4, view.getUint8(at + 4) << 24);
      at += 5;
      return wide.getFloat64(0);
    },
  };
}

const wide = new DataView(new ArrayBuffer(8));
