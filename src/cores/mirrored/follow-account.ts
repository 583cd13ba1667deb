// An account that has changed at the core: what its mirror is told of it.
import { internalId } from '#core';
import { readAccount } from '#money';
import type { CoreEvent } from '../adapter.ts';
import { freeze, unfreeze } from './import-account.ts';
import type { Importer } from './import.ts';
import { type Mirror, ownOf } from './mirror.ts';

/** Opens the mirror of a new one; one that is blocked at the core is frozen here, and back. */
export async function mirrorAccount(
  mirror: Mirror,
  importer: Importer,
  { account: id, id: event }: CoreEvent,
): Promise<void> {
  const account = id === null ? undefined : await mirror.adapter.operations.readAccount({ id });
  if (!account) return;
  const own_id = await ownOf(mirror, 'account', account.id);
  if (own_id === undefined) {
    await importer.account(account);
    return;
  }
  const ours = internalId('account', own_id);
  const before = ours === undefined ? undefined : await mirror.read((tx) => readAccount(tx, ours));
  const isBlocked = account.status !== 'enabled';
  if (isBlocked && before?.status === 'open') await freeze(mirror, own_id, event);
  if (!isBlocked && before?.status === 'frozen') await unfreeze(mirror, own_id, event);
}
