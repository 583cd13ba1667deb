// The registry of prompts: which text a bank has approved for which model, and what was asked.
//
// The text is a file that ships; a bank's people approve its digest together with the model that it
// is sent to. A changed file or another model is another thing, which nobody has approved.
import { closed, type Command, type EventDraft, Fault, nullable, plainText } from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { addAct, lastAct } from './acts.ts';
import { callPayload, recordCall } from './calls.ts';
import { promptSchemas } from './file.ts';

const { name, version } = promptSchemas;
const digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' });
const model = Type.String({
  pattern: '^[!-~]{1,300}$',
  description: 'The language model, where it is asked, and in which region.',
  examples: ['small@models.internal/eu-central'],
});

const approveBody = Type.Object(
  { version, digest, model, approval_id: Type.Optional(approvalId) },
  closed,
);
const withdrawBody = Type.Object(
  { reason: plainText({ description: 'No personal data.', minLength: 1, maxLength: 500 }) },
  closed,
);

export const promptBodies = { approveBody, withdrawBody };
export type ApproveBody = Type.Static<typeof approveBody>;

const act = { name, ordinal: Type.Integer() };
export const promptPayloads = {
  'prompt.approved': Type.Object({ ...act, version, digest, model, approval_id: approvalId }),
  'prompt.withdrawn': Type.Object({ ...act, version: nullable(version), digest: nullable(digest) }),
  'prompt.answered': callPayload,
};

export const promptOperations: PolicyOperations = {
  'prompt.approve': { changesRights: true, perform: approve },
  'prompt.withdraw': { changesRights: true, perform: withdraw },
  'prompt.record': { changesRights: false, perform: recordCall },
};

/** What the approval of a prompt is bound to. */
export function promptSubject(of: {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly model: string;
}) {
  return { name: of.name, version: of.version, digest: of.digest, model: of.model };
}

async function approve(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as ApproveBody & { readonly name: string };
  const subject = promptSubject(body);
  const last = await lastAct(tx, body.name);
  if (last?.act === 'approved' && last.digest === body.digest && last.model === body.model) {
    throw new Fault('conflict', `version ${body.version} of ${body.name} is approved already`);
  }
  const used = await useApproval(tx, {
    id: body.approval_id,
    subjectKind: 'prompt.approve',
    subject,
    command,
  });
  const approval_id = body.approval_id ?? '';
  const ordinal = await addAct(tx, command, {
    ...subject,
    act: 'approved',
    approvalId: approval_id,
  });
  return [policyEvent(command, 'prompt.approved', { ...subject, ordinal, approval_id }), used];
}

/** At once, by one person: what stands in for a model is safe. */
async function withdraw(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as Type.Static<typeof withdrawBody> & { readonly name: string };
  const last = await lastAct(tx, body.name);
  if (last?.act !== 'approved') {
    throw new Fault('conflict', `no version of ${body.name} is approved`);
  }
  const ordinal = await addAct(tx, command, {
    ...{ name: body.name, act: 'withdrawn', reason: body.reason },
  });
  const told = { name: body.name, ordinal, version: last.version, digest: last.digest };
  return [policyEvent(command, 'prompt.withdrawn', told)];
}
