// What a customer has consented to, in words, and how it is granted and withdrawn.
import { closed, type Instant, type Json, nullable, type Tx } from '#core';
import { consentChannels, consentSchemas, consentsOf } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, type Parts } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';
import { own, ownKey, readOwn } from './own.ts';
import { consentTextVersion, consentWords } from './words.ts';

const tags = ['customer'];
const path = '/v1/customer/consents';
/** Third parties with a record; the purposes of the bank itself are few. */
const consentsMax = 200;

const text = Type.String();
const channel = Type.Enum([...consentChannels]);
const consentView = Type.Object({
  purpose: Type.Enum(['marketing', 'ai_data_use', 'open_banking']),
  channel: nullable(channel),
  party: nullable(consentSchemas.party),
  title: text,
  words: Type.String({ description: 'What it means; a grant is to these words.' }),
  granted: Type.Boolean(),
  since: nullable(Type.String({ description: 'When the last record took effect.' })),
  expires_at: nullable(text),
});
type ConsentView = Type.Static<typeof consentView>;

const status = Type.Enum(['granted', 'withdrawn']);
const withdrawn = Type.Literal('withdrawn');
const { party } = consentSchemas;
const body = Type.Union([
  Type.Object({ purpose: Type.Literal('marketing'), channel, status }, closed),
  Type.Object({ purpose: Type.Literal('ai_data_use'), status }, closed),
  // Whom it is granted to has to ask for it: here it can be withdrawn.
  Type.Object({ purpose: Type.Literal('open_banking'), party, status: withdrawn }, closed),
]);

export function customerConsentRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  const consents = Type.Object({ items: Type.Array(consentView) });
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'What there is to consent to, in words, and what of it is granted',
        response: { 200: consents, ...problems },
      },
    },
    async (request) => {
      const { found } = await readOwn(parts, request, own('consent.read'), (tx, mine) =>
        readConsents(tx, mine.party, clock.now()),
      );
      return { items: found };
    },
  );
  app.post(
    path,
    {
      schema: {
        tags,
        summary: 'Grant or withdraw consent, at once',
        headers: idempotencyHeaders,
        body,
        response: { 200: consents, 201: consents, ...problems },
      },
    },
    async (request, reply) => {
      const right = own('consent.record');
      const { mine } = await readOwn(parts, request, right, async () => true);
      const given = { person: mine.party, source: 'app', text_version: consentTextVersion };
      return change(parts, request, reply, {
        ...{ scope: right, operation: 'consent.record', idempotencyKey: ownKey(request, mine) },
        body: { ...(request.body as Record<string, Json>), ...given },
        tell: async (tx) => ({ items: await readConsents(tx, mine.party, clock.now()) }),
      });
    },
  );
}

async function readConsents(tx: Tx, person: string, at: Instant): Promise<ConsentView[]> {
  const { items } = await consentsOf(tx, person, at, { limit: consentsMax });
  const view = (about: About, words: Words): ConsentView => {
    const record = items.find(
      (each) =>
        each.purpose === about.purpose &&
        each.channel === about.channel &&
        each.party === about.party,
    );
    return {
      ...{ ...about, ...words, granted: record?.in_effect ?? false },
      since: record?.effective_at ?? null,
      expires_at: record?.expires_at ?? null,
    };
  };
  const none = { channel: null, party: null };
  const parties = items.flatMap((each) => each.party ?? []);
  return [
    view({ ...none, purpose: 'ai_data_use' }, consentWords.ai_data_use()),
    ...consentChannels.map((by) =>
      view({ ...none, purpose: 'marketing', channel: by }, consentWords.marketing(by)),
    ),
    ...parties.map((to) =>
      view({ ...none, purpose: 'open_banking', party: to }, consentWords.open_banking(to)),
    ),
  ];
}

type About = Pick<ConsentView, 'purpose' | 'channel' | 'party'>;
type Words = Pick<ConsentView, 'title' | 'words'>;
