// Tenants for commands that bring their own bank: created over HTTP, as any operator would.
import { Fault } from '#core';
import { allItems, clientAt } from './client.ts';
import type { Bank } from './installation.ts';

export type OpenTenant = {
  readonly id: string;
  /** Its administrator's. */
  readonly apiKey: string;
  /** A system's, which posts: what people post by hand waits for a second one when it is large. */
  readonly systemKey: string;
};

const attemptsMax = 1_000;

/** The tenant of that name with its administrator's key: created now, or by an earlier run. */
export async function openTenant(bank: Bank, id: string, name: string): Promise<OpenTenant> {
  const operator = clientAt(bank.url, bank.operatorKey);
  const tenant = { tenant_id: id, name };
  const opened = await operator
    .post<{ api_key: Key }>('/v1/tenants', tenant, `cli/${id}`)
    .catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error;
      const { code, message: why, detail } = error;
      throw new Fault(code, `the tenant ${id} cannot be opened: ${why}`, { cause: error, detail });
    });
  return tenantOf(bank, id, opened.api_key.secret);
}

/** Of which the administrator's key is at hand. */
export async function tenantOf(
  bank: Pick<Bank, 'url'>,
  id: string,
  apiKey: string,
): Promise<OpenTenant> {
  const system = {
    name: 'posting system',
    principal_kind: 'service',
    principal_id: 'posting-system',
    scopes: [
      ...['ledger:read', 'ledger:write', 'payments:read', 'payments:write'],
      ...['authenticators:write', 'events:read', 'policy:read'],
    ],
  };
  const administrator = clientAt(bank.url, apiKey);
  const issued = await administrator.post<Key>('/v1/api-keys', system, `cli/${id}/system`);
  return { id, apiKey, systemKey: issued.secret };
}

type Key = { readonly secret: string };

/** `name`, or the first of `name-2`, `name-3` … that is not there yet. */
export async function freshTenant(bank: Bank, base: string, name: string): Promise<OpenTenant> {
  const operator = clientAt(bank.url, bank.operatorKey);
  const tenants = await allItems<{ readonly id: string }>(operator, '/v1/tenants');
  const taken = new Set(tenants.map(({ id }) => id));
  for (let number = 1; number <= attemptsMax; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return openTenant(bank, id, name);
  }
  throw new Fault('input_invalid', `there are ${attemptsMax} tenants ${base} already`);
}
