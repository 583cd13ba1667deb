// One keyring with key ids for everything that is signed or derived: files in the data folder.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CountersignKeys } from './countersignature.ts';
import type { RolePassword } from './database.ts';
import { writeDurably } from './durable-file.ts';
import { Fault } from './fault.ts';
import type { Random } from './random.ts';

/**
 * `countersign`: HMAC-SHA256 over commands. `checkpoint`: Ed25519 over tree heads. `vault`:
 * AES-256-GCM over the keys of tenants. `totp`: what the secrets behind customers' codes derive of.
 */
export const rotatableKinds = ['countersign', 'checkpoint', 'vault', 'totp'] as const;

export type RotatableKind = (typeof rotatableKinds)[number];

/** The keys of a kind: the current one is for what is new, each other for what was made with it. */
export type SecretKeys = {
  readonly currentId: string;
  /** Undefined for an id that the keyring does not know. */
  readonly secret: (keyId: string) => KeyObject | undefined;
};

/** The Ed25519 key that signs tree heads. */
export type CheckpointKey = {
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** 64 bytes, RFC 8032. */
  readonly sign: (bytes: Uint8Array) => Buffer;
};

export type Keyring = {
  /** Names this installation's logs in the origin of every checkpoint. */
  readonly logId: string;
  readonly countersignKeys: CountersignKeys;
  readonly vaultKeys: SecretKeys;
  readonly totpKeys: SecretKeys;
  /** The one that signs now. */
  readonly checkpointKey: CheckpointKey;
  /** Those of all checkpoints ever signed here, the current one first. */
  readonly checkpointPublicKeys: readonly Buffer[];
  readonly databasePassword: RolePassword;
  /** The secret of an API key, derived from its name so that a retried call shows the same. */
  readonly apiKeySecret: (name: string) => string;
  /** What a webhook is signed with, in base64url: derived, so that it is stored nowhere. */
  readonly webhookSecret: (name: string) => string;
  /** What a browser keeps for us while somebody signs in is encrypted under it (AES-256). */
  readonly signInKey: KeyObject;
};

/** What the files hold; a KMS would hold it instead. Nothing of it is ever printed. */
type Seeds = {
  readonly logId: string;
  readonly derive: Buffer;
  readonly countersign: readonly Buffer[];
  readonly checkpoint: readonly Buffer[];
  readonly vault: readonly Buffer[];
  readonly totp: readonly Buffer[];
};

const seedBytes = 32;
// RFC 8410: the DER of an Ed25519 private key is these bytes and then the seed.
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Opens the keyring of a data folder; `create` makes one where there is none. */
export function openKeyring(
  folder: string,
  { random, create }: { random: Random; create: boolean },
): Keyring {
  const keys = keysFolder(folder);
  if (!isThere(join(keys, 'log.json'))) {
    if (!create) {
      throw new Fault(
        'keyring_invalid',
        `${keys} holds no keyring: name the data folder of the server, or start one there first`,
      );
    }
    createSeeds(keys, random);
  }
  // A keyring that is older than a kind has no key of it, and nothing under one.
  for (const kind of create ? (['vault', 'totp'] as const) : []) {
    if (seedsOf(keys, kind).length === 0) writeSeed(keys, `${kind}-1`, random);
  }
  return keyringOf(readSeeds(keys));
}

/** A keyring that lives in memory only. */
export function temporaryKeyring(random: Random): Keyring {
  const seed = () => Buffer.from(random.bytes(seedBytes));
  const logId = Buffer.from(random.bytes(8)).toString('hex');
  const derive = seed();
  return keyringOf({
    logId,
    derive,
    countersign: [seed()],
    checkpoint: [seed()],
    vault: [seed()],
    totp: [seed()],
  });
}

/**
 * Adds a key and makes it the current one from the next start on; what the old ones have signed
 * stays verifiable. Returns its id.
 */
export function rotateKey(folder: string, kind: RotatableKind, random: Random): string {
  const keys = keysFolder(folder);
  const number = readSeeds(keys)[kind].length + 1;
  writeSeed(keys, `${kind}-${number}`, random);
  return `${kind}-${number}`;
}

function keyringOf(seeds: Seeds): Keyring {
  const checkpoint = seeds.checkpoint.map(checkpointKey);
  const current = checkpoint.at(-1);
  if (current === undefined || seeds.countersign.length === 0) {
    throw new Fault('keyring_invalid', 'the keyring lacks a countersign or a checkpoint key');
  }
  function derive(purpose: string, name: string): string {
    return createHmac('sha256', seeds.derive).update(`${purpose}\0${name}`).digest('base64url');
  }
  return {
    logId: seeds.logId,
    countersignKeys: secretKeys('countersign', seeds.countersign),
    vaultKeys: secretKeys('vault', seeds.vault),
    totpKeys: secretKeys('totp', seeds.totp),
    checkpointKey: current,
    checkpointPublicKeys: checkpoint.map((key) => key.publicKey).reverse(),
    databasePassword: (role) => derive('database', role),
    apiKeySecret: (name) => derive('api-key', name),
    webhookSecret: (name) => derive('webhook', name),
    signInKey: createSecretKey(derive('sign-in', 'transaction'), 'base64url'),
  };
}

function secretKeys(kind: RotatableKind, seeds: readonly Buffer[]): CountersignKeys & SecretKeys {
  const secrets = new Map(seeds.map((seed, at) => [`${kind}-${at + 1}`, createSecretKey(seed)]));
  return { currentId: `${kind}-${seeds.length}`, secret: (keyId) => secrets.get(keyId) };
}

function checkpointKey(seed: Buffer, index: number): CheckpointKey {
  const key = ed25519Key(seed);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    id: `checkpoint-${index + 1}`,
    publicKey: spki.subarray(-32),
    sign: (bytes) => signBytes(null, bytes, key),
  };
}

/** The private key of a seed of 32 bytes. */
export function ed25519Key(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([ed25519Prefix, seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

// Files -------------------------------------------------------------------------------------------

function keysFolder(folder: string): string {
  return join(folder, 'keys');
}

function createSeeds(keys: string, random: Random): void {
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  for (const name of ['derive-1', 'countersign-1', 'checkpoint-1']) {
    if (!isThere(join(keys, `${name}.json`))) writeSeed(keys, name, random);
  }
  // The last file: without it the keyring is not there yet, and a crash before it loses nothing.
  const logId = Buffer.from(random.bytes(8)).toString('hex');
  writeDurably(join(keys, 'log.json'), `${JSON.stringify({ log_id: logId })}\n`, 0o600);
}

function writeSeed(keys: string, id: string, random: Random): void {
  const seed = Buffer.from(random.bytes(seedBytes)).toString('base64');
  writeDurably(join(keys, `${id}.json`), `${JSON.stringify({ id, seed })}\n`, 0o600);
}

function readSeeds(keys: string): Seeds {
  const log = readKeyFile(join(keys, 'log.json'));
  const logId = log['log_id'];
  if (typeof logId !== 'string' || !/^[0-9a-f]{16}$/.test(logId)) {
    throw new Fault('keyring_invalid', `${join(keys, 'log.json')} names no log`);
  }
  const derive = seedsOf(keys, 'derive')[0];
  if (derive === undefined) throw new Fault('keyring_invalid', `${keys} lacks derive-1.json`);
  return {
    logId,
    derive,
    countersign: seedsOf(keys, 'countersign'),
    checkpoint: seedsOf(keys, 'checkpoint'),
    vault: seedsOf(keys, 'vault'),
    totp: seedsOf(keys, 'totp'),
  };
}

/** The seeds of a kind by number; a gap is refused, since a lost key is never a detail. */
function seedsOf(keys: string, kind: string): Buffer[] {
  const numbers = readdirSync(keys)
    .map((name) => new RegExp(`^${kind}-([1-9]\\d*)\\.json$`).exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  return numbers.map((number, index) => {
    const path = join(keys, `${kind}-${index + 1}.json`);
    if (number !== index + 1) throw new Fault('keyring_invalid', `${path} is missing`);
    const seed = Buffer.from(String(readKeyFile(path)['seed'] ?? ''), 'base64');
    if (seed.length !== seedBytes) throw new Fault('keyring_invalid', `${path} holds no key`);
    return seed;
  });
}

function readKeyFile(path: string): Record<string, unknown> {
  // Windows has no such modes: there the folder's access list guards the files.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new Fault('keyring_invalid', `${path} can be read by others: run chmod 600 on it`);
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    // The parser's message would quote the file.
    throw new Fault('keyring_invalid', `${path} is not valid JSON`);
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
