// Models for tests of what is done with scores: a card of three inputs, and any answer.
import {
  featureCatalogue,
  findVersion,
  keepArtefact,
  type ModelCard,
  readVersion,
  validateModel,
} from '#ai';
import { assert, type Json, newUuid, sha256Hex, type Tx, withTx } from '#core';
import type { Planes } from '#main';
import { approvalOf } from '#policy';
import { existsSync, readFileSync } from 'node:fs';
import type { ModelEvaluator, OpenEvaluator } from '../src/ai/models/evaluator.ts';
import type { Served } from '../src/ai/models/load.ts';

const digest = '1'.repeat(64);
const bins = { edges: [1, 10, 100], counts: [10, 40, 40, 10], missing: 0 };

export function cardOf(more: Partial<ModelCard> = {}): ModelCard {
  return {
    format: 1,
    name: 'payment-fraud',
    title: 'Payment fraud',
    purpose: 'A model for tests.',
    owner: 'Model risk',
    limits: ['For tests only.'],
    decides: {
      point: 'payment-authorization',
      value_fact: 'fraud_score',
      status_fact: 'score_status',
    },
    artefact: digest,
    inputs: [
      {
        name: 'account.count_1h',
        from: 'feature',
        range: [0, 100],
        missing: 'nan',
        description: 'Payments of the account within the hour.',
      },
      {
        name: 'amount_home',
        from: 'fact',
        range: [0, 1_000_000],
        missing: 0,
        description: 'The amount.',
      },
      {
        name: 'channel',
        from: 'fact',
        codes: { card_present: 0, card_not_present: 1, mobile: 2 },
        missing: -1,
        description: 'Where it comes from.',
      },
    ],
    output: { threshold: 0.5, positive: 'fraud' },
    confidence: { missing_max: 0, outside_max: 0 },
    budget_ms: 40,
    fallback: {
      previous: true,
      rule: { base: 0.1, terms: [{ input: 'amount_home', at_least: 500, add: 0.3 }] },
    },
    training: {
      command: 'none',
      code: digest,
      seed: 1,
      data: { source: 'none', licence: 'none', digest, rows: 100, split: 'none' },
      libraries: {},
      parameters: {},
    },
    metrics: [{ name: 'auc', split: 'test', n: 100, value: 0.9, low: 0.8, high: 0.95 }],
    baselines: [],
    fairness: { note: 'Not measured.', rows: [] },
    reference: {
      score: bins,
      inputs: { 'account.count_1h': bins, amount_home: bins, channel: bins },
    },
    ...more,
  };
}

/** A model with any answer: the amount weighs most, whatever it says. */
export function served(
  name: string,
  version: number,
  score: ModelEvaluator['score'],
  card = cardOf(),
): Served {
  const explain = () => Float64Array.from([0.1, -0.4, 0]);
  const evaluator = { width: card.inputs.length, score, explain, base: 0 };
  return { name, version, digest: sha256Hex(`${name} ${version}`), card, evaluator };
}

type Given = {
  readonly card: Json;
  readonly artefact: Uint8Array;
  readonly open?: OpenEvaluator;
};

/** A model that ships, as its folder has it. */
export function shippedModel(name: string): Given {
  const folder = new URL(`../models/${name}/`, import.meta.url);
  const card = JSON.parse(readFileSync(new URL('card.json', folder), 'utf8')) as Json;
  const graph = new URL('model.onnx', folder);
  const file = existsSync(graph) ? graph : new URL('model.json', folder);
  return { card, artefact: readFileSync(file) };
}

/** Registers a version and lets it decide, by two people; answers its number. */
export async function deployModel(planes: Planes, tenant: string, given: Given): Promise<number> {
  const as = (who: string, operation: string, body: Json) => {
    const principal = { kind: 'user', id: who, tenant } as const;
    const idempotencyKey = `${operation} ${newUuid(planes)}`;
    return planes.execute({ principal, operation, body, idempotencyKey });
  };
  const inPolicy = <T>(work: (tx: Tx) => Promise<T>) =>
    withTx(planes.database.pool('policy'), work, { tenant });
  const { card, cardDigest, report } = await validateModel(given.card, given.artefact, {
    features: featureCatalogue,
    ...(given.open ? { open: given.open } : {}),
  });
  const { name } = card;
  await inPolicy((tx) => keepArtefact(tx, tenant, given.artefact));
  await as('maker', 'model.register', { card, report } as unknown as Json);
  const { version, approval } = await inPolicy(async (tx) => {
    const found = await findVersion(tx, { name, cardDigest });
    assert(found, 'what was registered is there');
    const at = planes.clock.now();
    const view = await readVersion(tx, { name, version: found.version, at });
    assert(view, 'and can be read');
    return view;
  });
  const { commandId } = await as('maker', 'approval.request', approval as unknown as Json);
  const approval_id = approvalOf(commandId);
  const verdict = { approval_id, verdict: 'approve', reason: 'read the card' };
  await as('checker', 'approval.decide', verdict);
  const { supersedes } = approval.subject as { supersedes: number | null };
  const body = { name, stage: 'production', version, supersedes, approval_id };
  await as('maker', 'model.deploy', body);
  return version;
}
