// Receipts: what proves to a stranger, offline, that an event stands in its tenant's signed log.
import type pg from 'pg';
import { Fault } from './fault.ts';
import type { Uuid } from './id.ts';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  type SubtreeReader,
  verifyInclusion,
} from './merkle.ts';
import { parseCheckpoint, parseVerifierKey, verifierKey, verifyNote } from './note.ts';

export const receiptFormat = 'countersign-receipt/1';

export type Receipt = {
  readonly format: typeof receiptFormat;
  /** The event's canonical text, byte for byte: it is what was hashed. */
  readonly event: string;
  /** From 0, as RFC 9162 counts. */
  readonly leaf_index: number;
  readonly tree_size: number;
  /** Base64, from the leaf's sibling upwards. */
  readonly inclusion: readonly string[];
  /** The signed note over the tree's root. */
  readonly checkpoint: string;
  /** Only a hint: whoever verifies has the key from somewhere else. */
  readonly verifier_key: string;
};

export type ConsistencyProof = {
  readonly first: number;
  readonly second: number;
  /** Base64. */
  readonly proof: readonly string[];
};

export const receiptFlaws = [
  'not a receipt',
  'checkpoint malformed',
  'checkpoint not signed by this key',
  'checkpoint of another log',
  'tree size differs from the checkpoint',
  'event not in the log',
] as const;

export type ReceiptVerdict = { ok: true } | { ok: false; reason: (typeof receiptFlaws)[number] };

/** Whatever sends a query on one connection: a transaction or the sealer's session. */
type Session = Pick<pg.ClientBase, 'query'>;

/**
 * The receipt of an event under the latest checkpoint; undefined when there is no such event, or no
 * checkpoint covers it yet. `tx` is opened for the tenant; `publicKeys` are all that have signed.
 */
export async function readReceipt(
  tx: Session,
  eventId: Uuid,
  publicKeys: readonly Buffer[],
): Promise<Receipt | undefined> {
  const { rows } = await tx.query<{
    tenant_id: string;
    body: string;
    tenant_position: bigint;
    tree_size: bigint;
    note: string;
  }>(
    `select e.tenant_id, e.body, l.tenant_position, c.tree_size, c.note
       from core.event e
       join core.leaf l on l.seq = e.seq
       join lateral (select tree_size, note from core.checkpoint
                      where tenant_id = e.tenant_id order by tree_size desc limit 1) c
         on c.tree_size >= l.tenant_position
      where e.tenant_id = core.current_tenant() and e.id = $1`,
    [eventId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const index = Number(row.tenant_position) - 1;
  const size = Number(row.tree_size);
  const { origin, root } = parseCheckpoint(row.note);
  const vkey = publicKeys
    .map((key) => verifierKey(origin, key))
    .find((key) => verifyNote(row.note, key));
  if (vkey === undefined) {
    throw new Fault('keyring_invalid', `no key of the keyring has signed the head of ${origin}`);
  }
  const proof = await inclusionProof(index, size, databaseSubtrees(tx, row.tenant_id));
  // A receipt that fails in a stranger's hands accuses us: better to give none.
  if (!verifyInclusion({ index, size, leaf: leafHash(row.body), root, proof })) {
    throw new Fault('internal', `the log ${origin} contradicts its head: run countersign verify`);
  }
  return {
    format: receiptFormat,
    event: row.body,
    leaf_index: index,
    tree_size: size,
    inclusion: proof.map(toBase64),
    checkpoint: row.note,
    verifier_key: vkey,
  };
}

/** Proof that the tenant's log of `first` events is the beginning of the one of `second`. */
export async function readConsistency(
  tx: Session,
  first: number,
  second: number,
): Promise<ConsistencyProof> {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second)) {
    throw new Fault('input_invalid', 'tree sizes are integers');
  }
  if (first < 1 || first > second) {
    throw new Fault('input_invalid', 'the first tree has at least one event, the second no fewer');
  }
  const { rows } = await tx.query<{ tenant_id: string; size: bigint }>(
    'select tenant_id, size from core.tree where tenant_id = core.current_tenant()',
  );
  const [tree] = rows;
  if (tree === undefined || BigInt(second) > tree.size) {
    throw new Fault('not_found', `the log has ${tree?.size ?? 0} sealed events, not ${second}`);
  }
  const proof = await consistencyProof(first, second, databaseSubtrees(tx, tree.tenant_id));
  return { first, second, proof: proof.map(toBase64) };
}

/** Reads the tree that the sealer has stored. */
export function databaseSubtrees(session: Session, tenant: string): SubtreeReader {
  return async (level, from, to) => {
    const { rows } =
      level === 0
        ? await session.query<{ hash: Buffer }>(
            `select hash from core.leaf
              where tenant_id = $1 and tenant_position > $2 and tenant_position <= $3
              order by tenant_position`,
            [tenant, from, to],
          )
        : await session.query<{ hash: Buffer }>(
            `select hash from core.node
              where tenant_id = $1 and index >= $2 and index < $3 and level = $4
              order by index`,
            [tenant, from, to, level],
          );
    return rows.map(({ hash }) => hash);
  };
}

/** What a receipt is examined for, in this order; behind one that fails none can be judged. */
export const receiptSteps = ['format', 'signature', 'log', 'size', 'inclusion'] as const;

export type ReceiptStep = {
  readonly step: (typeof receiptSteps)[number];
  /** Null where an earlier one has failed. */
  readonly ok: boolean | null;
  readonly reason: (typeof receiptFlaws)[number] | null;
};

/** Verifies a receipt against a key that the reader trusts. Throws when `vkey` is not one. */
export function verifyReceipt(receipt: unknown, vkey: string): ReceiptVerdict {
  const reason = flawOf(receipt, [vkey])?.reason;
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

/** Step by step, against any of some keys: those of all logs that the reader trusts. */
export function examineReceipt(receipt: unknown, vkeys: readonly string[]): ReceiptStep[] {
  const flaw = flawOf(receipt, vkeys);
  const failed = flaw === undefined ? receiptSteps.length : receiptSteps.indexOf(flaw.step);
  return receiptSteps.map((step, index) => {
    if (index === failed) return { step, ok: false, reason: flaw?.reason ?? null };
    return { step, ok: index < failed ? true : null, reason: null };
  });
}

type ReceiptFlaw = {
  readonly step: ReceiptStep['step'];
  readonly reason: (typeof receiptFlaws)[number];
};

function flawOf(receipt: unknown, vkeys: readonly string[]): ReceiptFlaw | undefined {
  const names = vkeys.map((vkey) => parseVerifierKey(vkey).name);
  if (!isReceipt(receipt)) return { step: 'format', reason: 'not a receipt' };
  let head: { origin: string; size: number; root: Buffer };
  let signed: readonly string[];
  try {
    head = parseCheckpoint(receipt.checkpoint);
    signed = names.filter((_, index) => verifyNote(receipt.checkpoint, vkeys[index] as string));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { step: 'format', reason: 'checkpoint malformed' };
  }
  if (signed.length === 0) {
    return { step: 'signature', reason: 'checkpoint not signed by this key' };
  }
  if (!signed.includes(head.origin)) return { step: 'log', reason: 'checkpoint of another log' };
  if (head.size !== receipt.tree_size) {
    return { step: 'size', reason: 'tree size differs from the checkpoint' };
  }
  const isIncluded = verifyInclusion({
    index: receipt.leaf_index,
    size: head.size,
    leaf: leafHash(receipt.event),
    root: head.root,
    proof: receipt.inclusion.map((text) => Buffer.from(text, 'base64')),
  });
  return isIncluded ? undefined : { step: 'inclusion', reason: 'event not in the log' };
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null) return false;
  const { format, event, leaf_index, tree_size, inclusion, checkpoint } = value as Record<
    keyof Receipt,
    unknown
  >;
  return (
    format === receiptFormat &&
    typeof event === 'string' &&
    typeof leaf_index === 'number' &&
    typeof tree_size === 'number' &&
    typeof checkpoint === 'string' &&
    Array.isArray(inclusion) &&
    inclusion.every((item) => typeof item === 'string')
  );
}

function toBase64(bytes: Buffer): string {
  return bytes.toString('base64');
}
