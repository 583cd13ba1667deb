// The fraud model that ships, brought into production of a demo bank by two people, as any model.
import { sha256Hex, systemRandom } from '#core';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Client, clientAt } from './client.ts';
import { type Bank, type GlobalOptions, say } from './installation.ts';
import { keepKey } from './start.ts';
import type { OpenTenant } from './tenants.ts';

const folder = fileURLToPath(new URL('../../models/payment-fraud/', import.meta.url));
const approver = 'model-approver';

/** The score from which on it speaks of fraud; undefined where no model ships. */
export async function deployShippedModel(
  bank: Bank,
  tenant: OpenTenant,
  { data }: GlobalOptions,
): Promise<number | undefined> {
  if (!existsSync(`${folder}card.json`)) {
    say('models/payment-fraud is not there: rules decide alone');
    return undefined;
  }
  const card = JSON.parse(readFileSync(`${folder}card.json`, 'utf8')) as Card;
  const artefact = readFileSync(`${folder}model.onnx`, 'base64');
  const maker = clientAt(bank.url, tenant.apiKey);
  const { version, approval } = await maker.post<Registered>('/v1/models', { card, artefact });
  const checker = await otherPerson(bank, tenant, data);
  const { id: approval_id } = await maker.post<{ id: string }>('/v1/approvals', approval);
  const reason = 'a demonstration: nobody has read the card';
  await checker.post(`/v1/approvals/${approval_id}/decide`, { verdict: 'approve', reason });
  const deployment = { stage: 'production', version, supersedes: null, approval_id };
  await maker.post(`/v1/models/${card.name}/deployments`, deployment);
  say(`${card.name} ${version} is in production: registered by one person, approved by another`);
  return card.output.threshold;
}

type Card = {
  readonly name: string;
  readonly output: { readonly threshold: number };
};
type Registered = {
  readonly version: number;
  /** What to ask the other person for. */
  readonly approval: object;
};

/** Makes a secret as that person would, who shows it to nobody, and keeps it for the user. */
async function otherPerson(bank: Bank, tenant: OpenTenant, data: string): Promise<Client> {
  const secret = Buffer.from(systemRandom().bytes(32)).toString('hex');
  keepKey(data, `${tenant.id}-${approver}`, secret);
  await clientAt(bank.url, tenant.apiKey).post('/v1/api-keys', {
    name: 'approves models',
    principal_kind: 'user',
    principal_id: approver,
    scopes: ['model:read', 'policy:read', 'policy:approve'],
    secret_digest: sha256Hex(secret),
  });
  return clientAt(bank.url, secret);
}
