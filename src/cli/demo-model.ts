// The fraud model that ships, in the hands of a demo bank: two people bring it into production, as
// any model, and in mid-day a second version, which they take back.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { People } from './demo-people.ts';
import { say } from './installation.ts';

const folder = fileURLToPath(new URL('../../models/payment-fraud/', import.meta.url));

export type ShippedModel = {
  readonly name: string;
  readonly version: number;
  /** The score from which on it speaks of fraud. */
  readonly threshold: number;
};

/** What a change of the model has taken, in milliseconds, and when it was. */
export type ModelChange = {
  readonly name: string;
  readonly version: number;
  readonly previous: number;
  readonly registerMs: number;
  readonly deployMs: number;
  readonly rollbackMs: number;
};

/** Undefined where no model ships. */
export async function deployShippedModel(people: People): Promise<ShippedModel | undefined> {
  if (!existsSync(`${folder}card.json`)) {
    say('models/payment-fraud is not there: rules decide alone');
    return undefined;
  }
  const card = readCard();
  const { name } = card;
  const { version, approval } = await register(people, card);
  await deploy(people, { name, version, approval, supersedes: null });
  say(`${name} ${version} is in production: registered by one person, approved by another`);
  return { name, version, threshold: card.output.threshold };
}

type Options = {
  /** Resolves when the second version has been heard for long enough. */
  readonly untilRegretted: Promise<void>;
};

/** A second version, which flags twice as much, comes into production and goes. */
export async function deployAndRollBack(
  people: People,
  { name, version: previous, threshold }: ShippedModel,
  { untilRegretted }: Options,
): Promise<ModelChange> {
  const card = readCard();
  const output = { ...card.output, threshold: threshold / 2 };
  const beganMs = performance.now();
  const { version, approval } = await register(people, { ...card, output });
  const registeredMs = performance.now();
  await deploy(people, { name, version, approval, supersedes: previous });
  const deployedMs = performance.now();
  await untilRegretted;
  const regrettedMs = performance.now();
  await people.maker.post(`/v1/models/${name}/rollback`, {});
  return {
    ...{ name, version, previous },
    registerMs: registeredMs - beganMs,
    deployMs: deployedMs - registeredMs,
    rollbackMs: performance.now() - regrettedMs,
  };
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

function readCard(): Card {
  return JSON.parse(readFileSync(`${folder}card.json`, 'utf8')) as Card;
}

function register({ maker }: People, card: Card): Promise<Registered> {
  const artefact = readFileSync(`${folder}model.onnx`, 'base64');
  return maker.post<Registered>('/v1/models', { card, artefact });
}

type Deployment = Registered & { readonly name: string; readonly supersedes: number | null };

async function deploy(
  { maker, approver }: People,
  { name, version, approval, supersedes }: Deployment,
): Promise<void> {
  const { id: approval_id } = await maker.post<{ id: string }>('/v1/approvals', approval);
  const reason = 'a demonstration: nobody has read the card';
  const verdict = { verdict: 'approve', reason };
  await approver.client.post(`/v1/approvals/${approval_id}/decide`, verdict);
  const deployment = { stage: 'production', version, supersedes, approval_id };
  await maker.post(`/v1/models/${name}/deployments`, deployment);
}
