// Actions and the contact policy over HTTP: what may be offered, and how often.
import type { Json, Tx } from '#core';
import {
  actionFactWords,
  actionFlaws,
  actionParts,
  actionSchema,
  contactPolicyBody,
  contactPolicyFlaws,
  contactPolicyRemarks,
  contactPolicySchema,
  homeCurrencyAt,
  listActions,
  managerRole,
  needsManager,
  publishBody,
  readAction,
  readContactPolicy,
} from '#offers';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { checked, checkedParts } from '../checked.ts';
import { change, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';

const tags = ['offers'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const action = actionSchema;
const code = actionParts.actionCode;
const params = Type.Object({ code });

const version = {
  version: Type.Integer(),
  action,
  published_by: text,
  published_at: instant,
  approval_id: text,
};
const actionView = Type.Object({
  ...{ code, ...version, status: Type.Enum(['live', 'stopped']) },
  ...{ changed_by: text, changed_at: instant },
});
const actionDetail = Type.Object({
  ...actionView.properties,
  versions: Type.Array(Type.Object(version), { description: 'The newest first, 50 at most.' }),
});

export function actionRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  writeRoutes(app, parts);
  checkRoute(app, parts);
  contactPolicyRoutes(app, parts);
  contactPolicyCheckRoute(app, parts);
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/offers/actions',
    {
      schema: {
        ...{ tags, summary: 'What may be offered, each in its newest version' },
        querystring: Type.Object({ limit: limitQuery, after: Type.Optional(code) }),
        response: { 200: page(actionView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      return read(parts, request, (tx) => listActions(tx, { limit, after }), 'offers:read');
    },
  );
  app.get(
    '/v1/offers/actions/:code',
    {
      schema: {
        ...{ tags, summary: 'An action with its versions', params },
        response: { 200: actionDetail, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readAction(tx, codeOf(request)), 'offers:read'),
  );
}

function codeOf(request: { readonly params: unknown }): string {
  return (request.params as { code: string }).code;
}

function writeRoutes(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/offers/actions',
    {
      schema: {
        ...{ tags, summary: 'Publish an action, or the next version of one' },
        description:
          'Another person approves exactly this action (subject kind `offers.action`). From ' +
          '50,000.00 on, for a price more than 50 basis points better than the list, for a ' +
          'bundle and for what is not of the class `default`, one of those who approve is a ' +
          '`marketing_manager`.',
        ...{ headers: idempotencyHeaders, body: publishBody },
        response: { 200: actionDetail, 201: actionDetail, ...problems },
      },
    },
    (request, reply) => {
      const body = request.body as Type.Static<typeof publishBody>;
      return change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offer.action.publish', body: body as Json },
        tell: (tx) => readAction(tx, body.action.code),
      });
    },
  );
  for (const act of ['stop', 'resume'] as const) {
    app.post(
      `/v1/offers/actions/:code/${act}`,
      {
        schema: {
          tags,
          summary: act === 'stop' ? 'Stop offering it, at once' : 'Offer it again',
          ...{ headers: idempotencyHeaders, params },
          response: { 200: actionDetail, 201: actionDetail, ...problems },
        },
      },
      (request, reply) =>
        change(parts, request, reply, {
          ...{ scope: 'offers:write', operation: `offer.action.${act}` },
          body: { action: codeOf(request) },
          tell: (tx) => readAction(tx, codeOf(request)),
        }),
    );
  }
}

function checkRoute(app: FastifyInstance, parts: Parts): void {
  const facts = Type.Record(text, text, { description: 'What conditions may read, in words.' });
  app.post(
    '/v1/offers/actions/check',
    {
      schema: {
        ...{ tags, summary: 'Whether an action could be published, and which facts there are' },
        body: Type.Object({ action }, { additionalProperties: false }),
        response: { 200: Type.Object({ ...checkedParts, facts }), ...problems },
      },
    },
    (request) => {
      const { action: asked } = request.body as { action: Type.Static<typeof action> };
      const look = async (tx: Tx) => {
        const currency = await homeCurrencyAt(tx, parts.planes.clock.now());
        const found = { flaws: actionFlaws(asked, currency), remarks: remarksOn(asked) };
        return { ...checked(found), facts: actionFactWords };
      };
      return read(parts, request, look, 'offers:read');
    },
  );
}

function remarksOn(asked: Type.Static<typeof action>): readonly string[] {
  return needsManager(asked) ? [`Of those who approve it one has to be a ${managerRole}.`] : [];
}

function contactPolicyRoutes(app: FastifyInstance, parts: Parts): void {
  const view = Type.Object({
    version: Type.Integer({ description: '0 is the default, before anything was said.' }),
    contact_policy: contactPolicySchema,
  });
  const look = async (tx: Tx) => {
    const { version: number, contactPolicy } = await readContactPolicy(tx);
    return { version: number, contact_policy: contactPolicy };
  };
  app.get(
    '/v1/offers/policy',
    {
      schema: {
        ...{ tags, summary: 'How often customers are spoken to, and for how long left alone' },
        response: { 200: view, ...problems },
      },
    },
    (request) => read(parts, request, look, 'offers:read'),
  );
  app.post(
    '/v1/offers/policy',
    {
      schema: {
        ...{ tags, summary: 'Change the contact policy, which another person approves' },
        ...{ headers: idempotencyHeaders, body: contactPolicyBody },
        response: { 200: view, 201: view, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offers.configure', body: request.body as Json },
        tell: look,
      }),
  );
}

function contactPolicyCheckRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/offers/policy/check',
    {
      schema: {
        ...{
          tags,
          summary: 'Whether a contact policy could be put in force, and what it would do',
        },
        body: contactPolicySchema,
        response: { 200: Type.Object(checkedParts), ...problems },
      },
    },
    (request) => {
      const policy = request.body as Type.Static<typeof contactPolicySchema>;
      const flaws = contactPolicyFlaws(policy);
      const found = { flaws, remarks: flaws.length > 0 ? [] : contactPolicyRemarks(policy) };
      return read(parts, request, async () => checked(found), 'offers:read');
    },
  );
}
