// Prompts over HTTP: what is sent to language models, who has approved it, and what was answered.
import {
  type ApproveBody,
  type CallTexts,
  callPayload,
  callPlace,
  listPromptActs,
  listPrompts,
  promptBodies,
  promptSchemas as s,
  readCalls,
  readPrompt,
  readSealed,
  shippedPrompts,
} from '#ai';
import { Fault, nullable, pageOf, refuseField, type Tx } from '#core';
import { openSealing } from '#privacy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { nameOf } from './act-routes.ts';
import { change, idOf, idParams, limitQuery, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['prompts'];
const text = Type.String();
const count = Type.Integer();
const anyObject = (description: string) =>
  Type.Unsafe<object>({ type: 'object', additionalProperties: true, description });
const nameParams = Type.Object({ name: s.name });
const callId = Type.String({ pattern: '^prm_[0-9a-hjkmnp-tv-z]{26}$' });

const actView = Type.Object({
  ...{ name: s.name, ordinal: count, act: Type.Enum(['approved', 'withdrawn']) },
  ...{ version: nullable(s.version), digest: nullable(text), model: nullable(text) },
  ...{ reason: nullable(text), approval_id: nullable(text), acted_by: text, recorded_at: text },
});
const listed = {
  name: s.name,
  purpose: text,
  newest: Type.Integer({ description: 'The newest version that ships.' }),
  model: nullable(Type.String({ description: 'The language model that is configured.' })),
  used: nullable(Type.Integer({ description: 'The version that is sent to it.' })),
  unused_because: nullable(
    Type.String({ description: 'Why the built-in model answers: `no_model`, `not_approved` …' }),
  ),
  last_act: nullable(actView),
};
const promptView = Type.Object({
  ...listed,
  spent_today: Type.Object(
    { calls: count, tokens: count, seconds: count },
    { description: 'Of the day (UTC), by the log; the bounds of the version say how much it may.' },
  ),
  versions: Type.Array(
    Type.Object({
      ...{ version: s.version, digest: text, instructions: text, tools: Type.Array(text) },
      input: anyObject('JSON Schema of the facts: what it does not name is never sent.'),
      output: anyObject('JSON Schema of the answer.'),
      bounds: anyObject('Of one call, and of a day.'),
      approval: nullable(
        anyObject('What to send to /v1/approvals, so that another person agrees to it.'),
      ),
    }),
  ),
});
const callView = { ...callPayload.properties, asked_at: text };
const callWithTexts = Type.Object({
  ...callView,
  input: Type.String({ description: 'The facts as they were sent: masked, in canonical JSON.' }),
  output: nullable(Type.String({ description: 'What came back, masked.' })),
});

/** `model` is the name of the language model that is configured. */
export function promptRoutes(app: FastifyInstance, parts: Parts, model: string | undefined): void {
  const context = () => ({ prompts: shippedPrompts(), model, at: parts.planes.clock.now() });
  app.get(
    '/v1/prompts',
    {
      schema: {
        tags,
        summary: 'List prompts, with what of each is sent to the language model',
        querystring: pageQuery,
        response: { 200: page(Type.Object(listed)), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const query = { ...context(), limit, after };
      return read(parts, request, (tx) => listPrompts(tx, query), 'model:read');
    },
  );
  app.get(
    '/v1/prompts/:name',
    {
      schema: {
        tags,
        summary: 'Read a prompt: the text of each version, and what its approval is bound to',
        params: nameParams,
        response: { 200: promptView, ...problems },
      },
    },
    (request) => {
      const name = nameOf(request);
      return read(parts, request, (tx) => readPrompt(tx, name, context()), 'model:read');
    },
  );
  actRoutes(app, parts);
  callRoutes(app, parts);
}

// Acts --------------------------------------------------------------------------------------------

function actRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/prompts/:name/acts',
    {
      schema: {
        tags,
        summary: 'List what was done with a prompt, newest first',
        params: nameParams,
        querystring: pageQuery,
        response: { 200: page(actView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      if (!/^\d{1,9}$/.test(after ?? '0')) refuseField('/after', 'is no `next` of this list');
      const before = after === undefined ? undefined : Number(after);
      const query = { name: nameOf(request), limit, before };
      return read(parts, request, (tx) => listPromptActs(tx, query), 'model:read');
    },
  );
  const schema = { tags, headers: idempotencyHeaders, params: nameParams };
  const response = { 200: actView, 201: actView, ...problems };
  app.post(
    '/v1/prompts/:name/approve',
    {
      schema: {
        ...schema,
        summary: 'Let a language model answer a version of a prompt',
        description:
          'Needs an approval of another person, of exactly this text for exactly this model; ' +
          'without `approval_id` the answer tells the subject digest to ask one for.',
        body: promptBodies.approveBody,
        response,
      },
    },
    (request, reply) => {
      const body = { ...(request.body as ApproveBody), name: nameOf(request) };
      expectShipped(body);
      const write = { scope: 'model:write', operation: 'prompt.approve', body } as const;
      return change(parts, request, reply, { ...write, tell: (tx) => lastActOf(tx, body.name) });
    },
  );
  app.post(
    '/v1/prompts/:name/withdraw',
    {
      schema: {
        ...schema,
        summary: 'Stop a prompt at once: the built-in model answers',
        body: promptBodies.withdrawBody,
        response,
      },
    },
    (request, reply) => {
      const body = { ...(request.body as { reason: string }), name: nameOf(request) };
      const write = { scope: 'model:write', operation: 'prompt.withdraw', body } as const;
      return change(parts, request, reply, { ...write, tell: (tx) => lastActOf(tx, body.name) });
    },
  );
}

async function lastActOf(tx: Tx, name: string) {
  const { items } = await listPromptActs(tx, { name, limit: 1 });
  return items[0];
}

/** Nobody approves a text that he cannot read here. */
function expectShipped({ name, version, digest }: ApproveBody & { readonly name: string }): void {
  const found = shippedPrompts()
    .get(name)
    ?.find((prompt) => prompt.version === version);
  if (!found) throw new Fault('not_found', `there is no version ${version} of a prompt ${name}`);
  if (found.digest !== digest) refuseField('/digest', 'is not that of the text that ships');
}

// Calls -------------------------------------------------------------------------------------------

function callRoutes(app: FastifyInstance, parts: Parts): void {
  const { keyring, random } = parts.planes;
  const sealing = openSealing(keyring, random);
  app.get(
    '/v1/prompt-calls',
    {
      schema: {
        tags,
        summary: 'List calls of language models, newest first',
        querystring: Type.Object({
          ...{ prompt: Type.Optional(s.name), limit: limitQuery, after: Type.Optional(callId) },
        }),
        response: { 200: page(Type.Object(callView)), ...problems },
      },
    },
    (request) => {
      const query = request.query as { prompt?: string; limit?: number; after?: string };
      const { prompt, limit = 50, after: before } = query;
      const list = async (tx: Tx) => {
        const found = await readCalls(tx, { limit: limit + 1, prompt, before });
        return pageOf(found, limit, ({ call_id }) => call_id);
      };
      return read(parts, request, list, 'model:read');
    },
  );
  app.get(
    '/v1/prompt-calls/:id',
    {
      schema: {
        tags,
        summary: 'Read a call with what was sent and answered, masked',
        description: 'Needs `events:read`: for those who audit.',
        params: idParams(callId),
        response: { 200: callWithTexts, ...problems },
      },
    },
    (request) => readCall(request),
  );

  async function readCall(request: FastifyRequest) {
    const id = idOf(request);
    const { principal } = await parts.authenticate.fresh(request, 'model:read');
    const look = async (tx: Tx) => {
      const [call] = await readCalls(tx, { limit: 1, id });
      const sealed = await readSealed(tx, id);
      return call && sealed !== undefined ? { call, sealed } : undefined;
    };
    const { call, sealed } = await read(parts, request, look, 'events:read');
    const opened = sealing.open(sealed, callPlace(principal.tenant, id));
    return { ...call, ...(JSON.parse(opened) as CallTexts) };
  }
}
