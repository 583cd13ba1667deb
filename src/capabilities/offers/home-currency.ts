// The bank's home currency as a transaction sees it: that of the payment policy in force.
import type { Instant } from '#core';
import { defaultBundles, homeCurrencyOf, inForceAt, loadReleases, readBundle } from '#policy';
import type pg from 'pg';

/** The policy whose currency counts. */
export const homeCurrencyPoint = 'payment-authorization';

/** Undefined where the policy does not say. */
export async function homeCurrencyAt(tx: pg.ClientBase, at: Instant): Promise<string | undefined> {
  const { rows } = await tx.query<{ tenant: string }>('select core.current_tenant() as tenant');
  const { byName } = await loadReleases(tx, rows[0]?.tenant ?? '');
  const { live } = inForceAt(byName.get(homeCurrencyPoint) ?? [], at);
  const digest = live?.digest ?? null;
  const bundle =
    digest === null
      ? defaultBundles().get(homeCurrencyPoint)?.bundle
      : await readBundle(tx, digest);
  return bundle && homeCurrencyOf(bundle);
}
