// The prompt log: each call of a language model is told by an event with digests; its masked texts
// are encrypted in the command that records it.
import {
  type Command,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  nullable,
  type Uuid,
} from '#core';
import { policyEvent } from '#policy';
import type { Masked, SealedText } from '#privacy';
import type pg from 'pg';
import Type from 'typebox';
import { promptSchemas } from './file.ts';

const digest = Type.String({ description: 'SHA-256, hexadecimal.' });
const count = Type.Integer({ minimum: 0 });

const told = {
  call_id: Type.String({ examples: ['prm_01h455vb4pex5vsknk084sn02q'] }),
  prompt: promptSchemas.name,
  version: promptSchemas.version,
  digest,
  model: Type.String(),
  stood_in_because: nullable(
    Type.String({ description: 'Why the answer was not taken; null where it was.' }),
  ),
  about: Type.String({ description: 'What it was asked about: an id.' }),
  asked_by: Type.String({ description: 'For whom: a principal.' }),
  sources: Type.Array(Type.String(), { description: 'What the answer names as its evidence.' }),
  input_digest: digest,
  output_digest: nullable(digest),
  input_tokens: count,
  output_tokens: count,
  cost: nullable(Type.Integer({ description: 'Millionths of a minor unit.' })),
  currency: nullable(Type.String()),
  latency_ms: count,
};

/** Digests of what was said, and nothing of it. */
export const callPayload = Type.Object(told);
export type CallTold = Type.Static<typeof callPayload>;

export type RecordBody = CallTold & {
  readonly asked_at: string;
  /** `CallTexts` as JSON, sealed in the `callPlace`. */
  readonly sealed: SealedText;
};

export type CallTexts = { readonly input: Masked; readonly output: Masked | null };

/** What is sealed for one call of one tenant opens nowhere else. */
export function callPlace(tenant: string, callId: string): readonly string[] {
  return ['prompt call', tenant, callId];
}

export async function recordCall(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  if (command.principal.kind !== 'service') {
    throw new Fault('denied', 'calls of language models are recorded by the system alone');
  }
  const { sealed: _sealed, asked_at, ...call } = command.body as RecordBody;
  await tx.query(
    `insert into ai.prompt_call (tenant_id, id, prompt, version, digest, model, stood_in_because,
       about, asked_by, sources, input_digest, output_digest, input_tokens, output_tokens, cost,
       currency, latency_ms, asked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      ...[command.tenant, internalId('promptCall', call.call_id), call.prompt, call.version],
      ...[call.digest, call.model, call.stood_in_because, call.about, call.asked_by, call.sources],
      ...[call.input_digest, call.output_digest, call.input_tokens, call.output_tokens, call.cost],
      ...[call.currency, call.latency_ms, asked_at],
    ],
  );
  return [policyEvent(command, 'prompt.answered', call)];
}

// Reading -----------------------------------------------------------------------------------------

export type CallView = CallTold & { readonly asked_at: string };

type Row = Omit<CallTold, 'call_id' | 'cost'> & {
  readonly id: Uuid;
  readonly cost: bigint | null;
  readonly asked_at: Date;
};

const columns = `id, prompt, version, digest, model, stood_in_because, about, asked_by, sources,
  input_digest, output_digest, input_tokens, output_tokens, cost, currency, latency_ms, asked_at`;

/** The newest first. */
export async function readCalls(
  tx: pg.ClientBase,
  query: {
    readonly limit: number;
    readonly prompt?: string | undefined;
    readonly before?: string | undefined;
    readonly id?: string;
  },
): Promise<CallView[]> {
  const { limit, prompt = null, before, id } = query;
  const uuid = (text: string | undefined) =>
    text === undefined ? null : (internalId('promptCall', text) ?? noCall);
  const { rows } = await tx.query<Row>(
    `select ${columns} from ai.prompt_call
      where tenant_id = core.current_tenant() and ($1::text is null or prompt = $1)
        and ($2::uuid is null or id < $2) and ($3::uuid is null or id = $3)
      order by id desc limit $4`,
    [prompt, uuid(before), uuid(id), limit],
  );
  return rows.map(({ id: found, cost, asked_at, ...row }) => ({
    ...row,
    call_id: externalId('promptCall', found),
    cost: cost === null ? null : Number(cost),
    asked_at: instantToText(asked_at.getTime()),
  }));
}

/** What sorts before every call, and is none. */
const noCall = '00000000-0000-0000-0000-000000000000';

/** The sealed texts of a call. */
export async function readSealed(
  tx: pg.ClientBase,
  callId: string,
): Promise<SealedText | undefined> {
  const { rows } = await tx.query<{ sealed: SealedText | null }>(
    `select body::jsonb ->> 'sealed' as sealed from core.command
      where tenant_id = core.current_tenant() and idempotency_key = $1
        and operation = 'prompt.record'`,
    [callId],
  );
  return rows[0]?.sealed ?? undefined;
}
