// `countersign keys`: a new key beside the old ones, and the public keys that verify receipts.
import {
  Fault,
  logOrigin,
  openKeyring,
  type RotatableKind,
  readServerLock,
  rotateKey,
  systemRandom,
  verifierKey,
} from '#core';
import { type GlobalOptions, say } from './installation.ts';

export function rotateKeys(kind: RotatableKind, { data }: GlobalOptions): void {
  const id = rotateKey(data, kind, systemRandom());
  const running = readServerLock(data);
  say(
    running === undefined
      ? `${id} is current from the next start on`
      : `${id} is current once the server at ${running.url} is started again`,
  );
}

/** One verifier key a line, the current one first. */
export function listVerifierKeys(tenant: string, { data }: GlobalOptions): void {
  const { logId, checkpointPublicKeys } = openKeyring(data, {
    random: systemRandom(),
    create: false,
  });
  const origin = logOrigin(logId, tenant, 1);
  if (!/^[a-z0-9-]+$/.test(tenant)) {
    throw new Fault('input_invalid', `"${tenant}" is no tenant: give its id, such as demo-bank`);
  }
  for (const key of checkpointPublicKeys) console.log(verifierKey(origin, key));
}
