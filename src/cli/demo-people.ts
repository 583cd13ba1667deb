// The people of a demo bank: each has a key of his own, made as he would make it, and kept for the
// user.
import { sha256Hex, systemRandom } from '#core';
import { type Client, clientAt } from './client.ts';
import type { Bank } from './installation.ts';
import { keepKey } from './start.ts';
import type { OpenTenant } from './tenants.ts';

export type Person = { readonly name: string; readonly secret: string; readonly client: Client };

export type People = {
  /** Makes models and policies, and publishes what another person has approved. */
  readonly maker: Client;
  readonly approver: Person;
  /** Two, for what takes four eyes. */
  readonly analysts: readonly [Person, Person];
};

export const analystNames = ['analyst-1', 'analyst-2'] as const;
/** With what is approved to be read: a model, a bundle, a programme, an action. */
const approving = ['policy:approve', 'policy:read', 'model:read', 'loyalty:read', 'offers:read'];
const reviewing = ['reviews:read', 'reviews:write', 'payments:read'];

export async function invitePeople(bank: Bank, tenant: OpenTenant, data: string): Promise<People> {
  const invite = (name: string, scopes: readonly string[]) =>
    invitePerson({ bank, tenant, data, name, scopes });
  return {
    maker: clientAt(bank.url, tenant.apiKey),
    approver: await invite('approver', approving),
    analysts: [await invite(analystNames[0], reviewing), await invite(analystNames[1], reviewing)],
  };
}

type Invitation = {
  readonly bank: Bank;
  readonly tenant: OpenTenant;
  readonly data: string;
  readonly name: string;
  readonly scopes: readonly string[];
};

/** The secret is the person's own: the bank is told what it hashes to. */
async function invitePerson({ bank, tenant, data, name, scopes }: Invitation): Promise<Person> {
  const secret = Buffer.from(systemRandom().bytes(32)).toString('hex');
  keepKey(data, `${tenant.id}-${name}`, secret);
  await clientAt(bank.url, tenant.apiKey).post('/v1/api-keys', {
    ...{ name, principal_kind: 'user', principal_id: name, scopes },
    secret_digest: sha256Hex(secret),
  });
  return { name, secret, client: clientAt(bank.url, secret) };
}
