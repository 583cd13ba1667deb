// `countersign keys`: a new key beside the old ones, what it wraps, and the public ones.
import {
  Fault,
  logOrigin,
  openKeyring,
  type RotatableKind,
  readServerLock,
  rotateKey,
  systemClock,
  systemRandom,
  verifierKey,
  listTenants,
} from '#core';
import { openVault } from '#privacy';
import { type GlobalOptions, say, withDatabase } from './installation.ts';

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

/** Wraps what the vaults of all tenants, or of one, have under the newest key of the keyring. */
export async function rewrapVaults(options: GlobalOptions & { tenant?: string }): Promise<void> {
  await withDatabase(options, 'keys rewrap', async (database, { keyring }) => {
    const clock = systemClock();
    const pool = database.pool('vault');
    const vault = openVault({ pool, keyring, random: systemRandom(), clock });
    const tenants = await listTenants(database.pool('policy'));
    const wanted = options.tenant === undefined ? tenants : [options.tenant];
    for (const tenant of wanted) {
      if (!tenants.includes(tenant)) {
        throw new Fault('input_invalid', `there is no tenant ${tenant}: see GET /v1/tenants`);
      }
      const { persons } = await vault.rotate(tenant);
      say(`${tenant}: the keys of ${persons} persons are under ${keyring.vaultKeys.currentId}`);
    }
  });
}
