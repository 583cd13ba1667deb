// Exports: the events of one type received within a span of time, as lines that prove themselves.
//
// The first line says what follows, then each event has a line with its inclusion proof, all of
// them under one signed tree head. Such proofs cannot tell that nothing was left out: so the last
// line holds the head and a seal, our signature over the digest of all lines before it. Whoever
// alters, adds or removes a line breaks the seal; and if we ourselves leave an event out, the seal
// over a list that lacks it, beside the receipt of that event, convicts us.
import { createHash, type Hash } from 'node:crypto';
import type pg from 'pg';
import { type Instant, instantToText } from './clock.ts';
import { Fault } from './fault.ts';
import { type Uuid, uuidFrom } from './id.ts';
import type { Keyring } from './keyring.ts';
import { inclusionProver, leafHash, verifyInclusion } from './merkle.ts';
import { parseCheckpoint, signNote, verifierKey, verifyNote } from './note.ts';
import { databaseSubtrees } from './receipt.ts';

export const exportFormat = 'countersign-export/1';

export type ExportOptions = {
  readonly type: string;
  /** Half-open; by the receipt of the commands that the events tell of. */
  readonly from: Instant;
  readonly to: Instant;
  readonly keyring: Pick<Keyring, 'checkpointKey' | 'checkpointPublicKeys'>;
  /** Runs a read within the tenant whose log it is. */
  readonly read: <Found>(work: (tx: Session) => Promise<Found>) => Promise<Found>;
};

type Session = Pick<pg.ClientBase, 'query'>;
type Head = {
  readonly tenant: string;
  readonly note: string;
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
};
type Row = { id: Uuid; body: string; tenant_position: bigint };

const pageSize = 200;

/**
 * Finds the head that everything is proved under, then answers the lines, a page of them at a time.
 * What is sealed later is no part of it. Throws `not_found` where no head is signed yet.
 */
export async function exportEvents(options: ExportOptions): Promise<AsyncGenerator<string>> {
  return linesOf(options, await options.read(latestHead));
}

async function* linesOf(options: ExportOptions, head: Head): AsyncGenerator<string> {
  const { type, from, to, read } = options;
  const digest = createHash('sha256');
  yield told(digest, [
    {
      format: exportFormat,
      log: head.origin,
      type,
      from: instantToText(from),
      to: instantToText(to),
      tree_size: head.size,
      verifier_keys: keysOf(head, options.keyring),
    },
  ]);
  const prove = proverOf(options, head);
  let count = 0;
  for (let after = uuidFrom(from); ; ) {
    const rows = await read((tx) => readPage(tx, { after, before: uuidFrom(to), type, head }));
    const lines = [];
    for (const row of rows) lines.push(await prove(row));
    if (lines.length > 0) yield told(digest, lines);
    count += rows.length;
    after = rows.at(-1)?.id ?? after;
    if (rows.length < pageSize) break;
  }
  const seal = sealOf(options, head, { count, digest: digest.digest('base64') });
  yield `${JSON.stringify({ checkpoint: head.note, count, seal })}\n`;
}

/** What was handed out, which the seal is over. */
function told(digest: Hash, lines: readonly object[]): string {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  digest.update(text);
  return text;
}

function sealOf(
  { type, from, to, keyring: { checkpointKey } }: ExportOptions,
  { origin, size }: Head,
  { count, digest }: { count: number; digest: string },
): string {
  // Its second line is no number: nobody can take it for a tree head, which the key signs too.
  const span = `${instantToText(from)} ${instantToText(to)}`;
  const text = [exportFormat, origin, type, span, size, count, digest].join('\n');
  const { publicKey, sign } = checkpointKey;
  return signNote(`${text}\n`, { name: origin, publicKey, sign });
}

async function latestHead(tx: Session): Promise<Head> {
  const { rows } = await tx.query<{ tenant: string; note: string }>(
    `select tenant_id as tenant, note from core.checkpoint
      where tenant_id = core.current_tenant() order by tree_size desc limit 1`,
  );
  const [row] = rows;
  if (!row) throw new Fault('not_found', 'no head of this log is signed yet: ask again shortly');
  const { origin, size, root } = parseCheckpoint(row.note);
  return { ...row, origin, size, root };
}

/** The key of the head and, after a rotation another, the one that seals. */
function keysOf({ origin, note }: Head, keyring: ExportOptions['keyring']): string[] {
  const keys = keyring.checkpointPublicKeys.map((key) => verifierKey(origin, key));
  const signer = keys.find((key) => verifyNote(note, key));
  if (signer === undefined) {
    throw new Fault('keyring_invalid', `no key of the keyring has signed the head of ${origin}`);
  }
  return [...new Set([signer, verifierKey(origin, keyring.checkpointKey.publicKey)])];
}

/** The events behind `after`: their ids begin with the instant at which they were asked for. */
async function readPage(
  tx: Session,
  { after, before, type, head }: { after: Uuid; before: Uuid; type: string; head: Head },
): Promise<Row[]> {
  const { rows } = await tx.query<Row>(
    `select e.id, e.body, l.tenant_position
       from core.event e join core.leaf l on l.seq = e.seq
      where e.tenant_id = core.current_tenant() and e.id > $1 and e.id < $2 and e.type = $3
        and l.tenant_position <= $4
      order by e.id limit $5`,
    [after, before, type, head.size, pageSize],
  );
  return rows;
}

function proverOf({ read }: ExportOptions, { tenant, origin, size, root }: Head) {
  const prove = inclusionProver(size, (level, from, to) =>
    read((tx) => databaseSubtrees(tx, tenant)(level, from, to)),
  );
  return async ({ body, tenant_position }: Row): Promise<object> => {
    const index = Number(tenant_position) - 1;
    const proof = await prove(index);
    if (!verifyInclusion({ index, size, leaf: leafHash(body), root, proof })) {
      throw new Fault('internal', `the log ${origin} contradicts its head: run countersign verify`);
    }
    const inclusion = proof.map((hash) => hash.toString('base64'));
    return { event: body, inclusion, leaf_index: index };
  };
}
