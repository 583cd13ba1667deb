// The registry: which of the declared tools the people of a bank have approved, and in which form.
import {
  assert,
  canonicalJson,
  closed,
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  type Json,
  sha256Hex,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import type { Tool } from './tool.ts';

const name = Type.String({ pattern: '^[a-z][a-z0-9_]{0,49}(\\.[a-z][a-z0-9_]{0,49}){0,2}$' });
const digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const form = {
  tool: name,
  version: Type.Integer({ minimum: 1 }),
  digest: Type.String({ ...digest, description: 'SHA-256 of the declaration (RFC 8785).' }),
};
const approveBody = Type.Object({ approval_id: Type.Optional(approvalId) }, closed);

export const toolSchemas = { name, digest, approveBody };

export const registryPayloads = {
  'tool.approved': Type.Object(form),
  'tool.withdrawn': Type.Object({ tool: name }),
};

type Form = { readonly tool: string; readonly version: number; readonly digest: string };
/** With the declaration of which the digest is: the approval is bound to it by that. */
export type ApproveTool = Form & { readonly approval_id?: string; readonly declaration: Json };

/** Agents may call what is approved from the next call on, and nothing that was withdrawn. */
export const registryOperations: PolicyOperations = {
  'tool.approve': { changesRights: true, perform: approve },
  'tool.withdraw': { changesRights: true, perform: withdraw },
};

/** What an approval of a tool is bound to: whoever changes a word of it needs another one. */
export function toolDigest(tool: Tool): string {
  return sha256Hex(canonicalJson(declarationOf(tool)));
}

/** All that callers and their models are told of a tool, and by which it is decided. */
export function declarationOf(tool: Tool) {
  const { title, description, version, owner, effect, cost, purposes } = tool;
  const { input, output, steps } = tool;
  return {
    ...{ name: tool.name, title, description, version, owner, effect, cost },
    purposes: [...purposes],
    input_schema: plain(input),
    output_schema: plain(output),
    ...(steps === undefined ? {} : { steps: steps as unknown as Json }),
  };
}

/** Without what the library keeps beside a schema. */
function plain(schema: Type.TSchema): Json {
  return JSON.parse(JSON.stringify(schema)) as Json;
}

async function approve(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { approval_id, declaration, ...approved } = command.body as ApproveTool;
  const text = canonicalJson(declaration);
  assert(sha256Hex(text) === approved.digest, 'what is kept is what was approved');
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'tool.approve', subject: approved, command },
  });
  await tx.query(
    `insert into gateway.tool (tenant_id, name, version, digest, approved_at, declaration)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, name) do update
       set version = excluded.version, digest = excluded.digest,
           approved_at = excluded.approved_at, declaration = excluded.declaration,
           withdrawn_at = 'infinity'`,
    [
      ...[command.tenant, approved.tool, approved.version, approved.digest],
      ...[instantToText(command.receivedAt), text],
    ],
  );
  return [used, policyEvent(command, 'tool.approved', approved)];
}

async function withdraw(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { tool } = command.body as { tool: string };
  const { rowCount } = await tx.query(
    `update gateway.tool set withdrawn_at = $2 where name = $1 and withdrawn_at = 'infinity'`,
    [tool, instantToText(command.receivedAt)],
  );
  if (rowCount === 0) throw new Fault('conflict', `no agent may call ${tool} as it is`);
  return [policyEvent(command, 'tool.withdrawn', { tool })];
}

/** Approved, and in which form. */
export type Approvals = ReadonlyMap<string, Form>;

export async function readApprovals(tx: pg.ClientBase): Promise<Approvals> {
  const { rows } = await tx.query<Form>(
    `select name as tool, version, digest from gateway.tool where withdrawn_at = 'infinity'`,
  );
  return new Map(rows.map((row) => [row.tool, row]));
}

/** As they were approved last, by name; also of what was withdrawn since. */
export async function readDeclarations(tx: pg.ClientBase): Promise<ReadonlyMap<string, Json>> {
  const { rows } = await tx.query<{ name: string; declaration: string }>(
    'select name, declaration from gateway.tool where declaration is not null',
  );
  return new Map(rows.map(({ name, declaration }) => [name, JSON.parse(declaration) as Json]));
}
