// Tenants for commands that bring their own bank: created over HTTP, as any operator would.
import { Fault } from '#core';
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
  const tenant = { tenant_id: id, name };
  const { status, json } = await ask(bank, '/v1/tenants', bank.operatorKey, tenant, `cli/${id}`);
  if (status === 201 || status === 200) {
    const apiKey = (json as { api_key: { secret: string } }).api_key.secret;
    const system = {
      name: 'posting system',
      principal_kind: 'service',
      principal_id: 'posting-system',
      scopes: ['ledger:read', 'ledger:write', 'events:read', 'policy:read'],
    };
    const issued = await ask(bank, '/v1/api-keys', apiKey, system, `cli/${id}/system`);
    return { id, apiKey, systemKey: (issued.json as { secret: string }).secret };
  }
  const { detail, code } = json as { detail: string; code: string };
  throw new Fault('input_invalid', `tenant ${id} cannot be opened: ${detail} (${code})`);
}

/** `name`, or the first of `name-2`, `name-3` … that is not there yet. */
export async function freshTenant(bank: Bank, base: string, name: string): Promise<OpenTenant> {
  const taken = await tenantIds(bank);
  for (let number = 1; number <= attemptsMax; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return openTenant(bank, id, name);
  }
  throw new Fault('input_invalid', `there are ${attemptsMax} tenants ${base} already`);
}

async function tenantIds(bank: Bank): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let after = ''; ; ) {
    const answer = await fetch(`${bank.url}/v1/tenants?limit=500&after=${after}`, {
      headers: { authorization: `Bearer ${bank.operatorKey}` },
    });
    const page = (await answer.json()) as { items: { id: string }[]; next: string | null };
    for (const { id } of page.items) ids.add(id);
    if (page.next === null) return ids;
    after = page.next;
  }
}

async function ask(bank: Bank, path: string, apiKey: string, body: object, key: string) {
  const answer = await fetch(`${bank.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: await answer.json() };
}
