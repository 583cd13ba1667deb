// Evidence that is looked at and checked: the tree as it is drawn, its heads, the whole log
// verified in the background, and receipts that somebody holds.
import {
  examineReceipt,
  leafHash,
  listCheckpoints,
  logOrigin,
  nullable,
  principalText,
  type Receipt,
  type ReceiptStep,
  readTreeEdge,
  receiptSteps,
  type Tx,
  verifierKey,
} from '#core';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { limitQuery, type Parts, read } from './routes.ts';
import { createVerifications, verificationStates } from './verifications.ts';
import { page, problems, words } from './views.ts';

const tags = ['evidence'];
const text = Type.String();
const count = Type.Integer();
const hex = Type.String({ description: 'SHA-256, in hex.' });

export function evidenceCheckRoutes(app: FastifyInstance, parts: Parts): void {
  treeRoute(app, parts);
  checkpointsRoute(app, parts);
  verificationRoutes(app, parts);
  receiptRoute(app, parts);
}

const checkpoint = Type.Object({ size: count, root: hex, signed_at: text, note: text });

function treeRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/evidence/tree',
    {
      schema: {
        tags,
        summary: 'The Merkle tree of the log: its complete subtrees, and how they join to the root',
        querystring: Type.Object({
          size: Type.Optional(Type.Integer({ minimum: 0, description: 'Of so many events.' })),
        }),
        response: {
          200: Type.Object({
            size: count,
            height: count,
            root: hex,
            subtrees: Type.Array(Type.Object({ level: count, from: count, to: count, hash: hex }), {
              description: 'From left to right, the largest first; positions count from 1.',
            }),
            joins: Type.Array(Type.Object({ from: count, hash: hex }), {
              description: 'Of a subtree and all to its right; the last is the root.',
            }),
            checkpoint: nullable(checkpoint),
          }),
          ...problems,
        },
      },
    },
    (request) => {
      const { size } = request.query as { size?: number };
      return read(
        parts,
        request,
        async (tx) => {
          const tree = await readTreeEdge(tx, size);
          const { items } = await listCheckpoints(tx, { limit: 1 });
          return tree && { ...tree, checkpoint: items[0] ?? null };
        },
        'events:read',
      );
    },
  );
}

function checkpointsRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/evidence/checkpoints',
    {
      schema: {
        tags,
        summary: 'List the signed tree heads, newest first',
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.Integer({ minimum: 1, description: 'The size last seen.' })),
        }),
        response: { 200: page(checkpoint), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after: before } = request.query as { limit?: number; after?: number };
      return read(parts, request, (tx) => listCheckpoints(tx, { limit, before }), 'events:read');
    },
  );
}

const finding = Type.Object({
  what: text,
  event: Type.Optional(text),
  position: Type.Optional(count),
  detail: text,
});
const verification = Type.Object({
  state: words(verificationStates),
  started_by: text,
  started_at: text,
  ended_at: nullable(text),
  events: Type.Integer({ description: 'That were read so far.' }),
  events_total: count,
  repeats_decisions: Type.Boolean(),
  size: nullable(count),
  signed: nullable(Type.Integer({ description: 'The size under the largest genuine head.' })),
  root: nullable(hex),
  findings: Type.Array(finding, { description: 'Empty when all agrees.' }),
  omitted: count,
});

function verificationRoutes(app: FastifyInstance, parts: Parts): void {
  const verifications = createVerifications(parts.planes, (err) => {
    app.log.error({ err }, 'a verification failed');
  });
  app.addHook('preClose', async () => verifications.stop());
  app.post(
    '/v1/evidence/verifications',
    {
      schema: {
        tags,
        summary: 'Verify the whole log in the background: leaves, tree, heads, ledger, decisions',
        description:
          'Compares every event with its leaf and its tree, heads with their signatures, the ' +
          'ledger and the commands with the events. One runs at a time: another call is told of ' +
          'it. `countersign verify` compares the tables of policy and models besides.',
        body: Type.Object(
          {
            repeat_decisions: Type.Optional(
              Type.Boolean({ description: 'Makes every decision anew and compares.' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 202: verification, ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await parts.authenticate.fresh(request, 'events:read');
      const { repeat_decisions: repeatsDecisions = false } = request.body as {
        repeat_decisions?: boolean;
      };
      const startedBy = principalText(principal);
      reply.code(202);
      return verifications.begin({ tenant: principal.tenant, startedBy, repeatsDecisions });
    },
  );
  app.get(
    '/v1/evidence/verifications',
    {
      schema: {
        tags,
        summary: 'The latest verification that this server has run, or is running',
        response: {
          200: Type.Object({ verification: nullable(verification) }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { principal } = await parts.authenticate.fresh(request, 'events:read');
      return { verification: verifications.latest(principal.tenant) ?? null };
    },
  );
}

// Receipts ----------------------------------------------------------------------------------------

const stepNames = [...receiptSteps, 'stored'] as const;
type StepName = (typeof stepNames)[number];

/** What it means that a step holds, and that it does not. */
const stepWords: Readonly<Record<StepName, readonly [string, string]>> = {
  format: ['It is a receipt, and its checkpoint can be read.', 'It is no receipt.'],
  signature: [
    'A key of this installation has signed the checkpoint, under the name of your log.',
    'No key of this installation has signed the checkpoint under the name of your log.',
  ],
  log: ['The checkpoint is of your log.', 'The checkpoint is of another log.'],
  size: [
    'The proof is for the tree that the checkpoint covers.',
    'The proof is for a tree of another size than the checkpoint covers.',
  ],
  inclusion: [
    'The hash of the event leads by its proof to the root that was signed.',
    'The hash of the event does not lead to the root that was signed: one of them was changed.',
  ],
  stored: [
    'This log holds the same event at that position today.',
    'This log holds another event at that position, or none.',
  ],
};

function receiptRoute(app: FastifyInstance, parts: Parts): void {
  const step = Type.Object({
    step: words(stepNames),
    ok: Type.Union([Type.Boolean(), Type.Null()], { description: 'Null: could not be judged.' }),
    detail: text,
  });
  app.post(
    '/v1/receipts/verify',
    {
      schema: {
        tags,
        summary: 'Check a receipt against your log, step by step',
        description: 'Whoever trusts nobody checks it offline, by a key of /v1/checkpoint/keys.',
        body: Type.Object({ receipt: Type.Any() }, { additionalProperties: false }),
        response: {
          200: Type.Object({
            ok: Type.Boolean(),
            steps: Type.Array(step),
            leaf_hash: nullable(hex),
            position: nullable(count),
          }),
          ...problems,
        },
      },
    },
    (request) => {
      const { receipt } = request.body as { receipt: unknown };
      return read(parts, request, (tx) => examine(tx, parts, receipt), 'events:read');
    },
  );
}

async function examine(tx: Tx, { planes }: Parts, receipt: unknown) {
  const { rows } = await tx.query<{ tenant: string; generation: number }>(
    `select tenant_id as tenant, generation from core.tree
      where tenant_id = core.current_tenant()`,
  );
  const steps = examineReceipt(
    receipt,
    rows.flatMap((tree) => keysOf(planes, tree)),
  );
  const isProven = steps.every(({ ok }) => ok === true);
  const read = steps[0]?.ok === true ? (receipt as Receipt) : undefined;
  const leaf = read && leafHash(read.event);
  const isStored = isProven && read && leaf ? await isLeafAt(tx, read.leaf_index + 1, leaf) : null;
  const all = [...steps, { step: 'stored' as const, ok: isStored }];
  return {
    ok: all.every(({ ok }) => ok === true),
    steps: all.map(tellStep),
    leaf_hash: leaf?.toString('hex') ?? null,
    position: isProven && read ? read.leaf_index + 1 : null,
  };
}

/** Of all the logs that the tenant has had: a restore begins another one. */
function keysOf(
  { keyring }: Parts['planes'],
  { tenant, generation }: { tenant: string; generation: number },
): string[] {
  const generations = Array.from({ length: generation }, (_, index) => index + 1);
  return generations.flatMap((each) => {
    const origin = logOrigin(keyring.logId, tenant, each);
    return keyring.checkpointPublicKeys.map((key) => verifierKey(origin, key));
  });
}

async function isLeafAt(tx: Tx, position: number, hash: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from core.leaf
      where tenant_id = core.current_tenant() and tenant_position = $1 and hash = $2`,
    [position, hash],
  );
  return rowCount === 1;
}

function tellStep({ step, ok }: { step: StepName; ok: ReceiptStep['ok'] }) {
  const [holds, fails] = stepWords[step];
  const detail = ok === null ? 'It could not be judged: a step before it has failed.' : holds;
  return { step, ok, detail: ok === false ? fails : detail };
}
