// Versions: which document of a programme counts at an instant. Each is published with another
// person's approval, from now on or from a later instant; none is changed or taken away. Whoever
// wants to withdraw one publishes another.
import {
  canonicalJson,
  closed,
  type Command,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  type Json,
  nullable,
  principalText,
  refuseField,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { examineProgram } from './check.ts';
import { type CompiledProgram, refuseProgram } from './compile.ts';
import { type Program, programName, programSchema } from './program.ts';
import { actInForce, actsOf, readDocument, readPrograms } from './programs.ts';

const digest = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the canonical text of the document (RFC 8785).',
});
const instant = Type.String({ format: 'date-time', maxLength: 40 });

const draftBody = Type.Object({ document: programSchema }, closed);
const publishBody = Type.Object(
  {
    document: programSchema,
    effective_at: Type.Optional({
      ...instant,
      description: 'From when on it counts; at once unless given, or if it has passed.',
    }),
    supersedes: Type.Optional({
      ...nullable(digest),
      description:
        'The digest of the version that was published last, null for none: who gives it has seen ' +
        'what they replace.',
    }),
    approval_id: Type.Optional({
      ...approvalId,
      description:
        'Subject kind `loyalty.program.publish`; the subject is {digest, effective_at, name, ' +
        'supersedes}, with null for what is not given.',
    }),
  },
  closed,
);
type PublishBody = Type.Static<typeof publishBody>;

export const programSchemas = { draftBody, publishBody, digest };

const told = { program: programName, version: Type.String(), digest };
export const programPayloads = {
  'loyalty.program_drafted': Type.Object(told),
  'loyalty.program_published': Type.Object({
    ...told,
    ordinal: Type.Integer({ minimum: 1, description: 'Counts the versions of the programme.' }),
    unit: Type.String(),
    currency: Type.String(),
    effective_at: Type.String(),
    supersedes: nullable(digest),
    approval_id: Type.String(),
  }),
};

export const programOperations: PolicyOperations = {
  'loyalty.program.draft': { changesRights: false, perform: draft },
  'loyalty.program.publish': { changesRights: false, perform: publish },
};

/** Acts of people, each with two of them: more in one programme is a mistake. */
const versionsMax = 1_000;

/** Puts a document on record, so that those who are to approve it can read it. */
async function draft(tx: pg.ClientBase, command: Command) {
  const { document } = command.body as Type.Static<typeof draftBody>;
  const program = await sound(tx, document, command.receivedAt);
  await keepDocument(tx, command, program);
  const { version, digest: named } = program;
  const payload = { program: document.name, version, digest: named };
  return [policyEvent(command, 'loyalty.program_drafted', payload)];
}

async function publish(tx: pg.ClientBase, command: Command) {
  const body = command.body as PublishBody;
  const { name } = body.document;
  const effectiveAt = Math.max(wantedInstant(body.effective_at), command.receivedAt);
  const program = await sound(tx, body.document, effectiveAt);
  const acts = await actsOf(tx, name);
  const last = acts.at(-1);
  const supersedes = last?.digest ?? null;
  refuseOvertaken(body, supersedes);
  if (acts.length >= versionsMax)
    throw new Fault('conflict', `${name} has ${versionsMax} versions`);
  if (last?.digest === program.digest && last.effectiveAt <= effectiveAt) {
    throw new Fault('conflict', `${program.version} is published already`);
  }
  const used = await useApproval(tx, {
    ...{ id: body.approval_id, subjectKind: 'loyalty.program.publish', command },
    subject: publicationSubject({ name, digest: program.digest }, body),
    authors: await draftersOf(tx, program.digest),
  });
  await keepDocument(tx, command, program);
  const ordinal = (last?.ordinal ?? 0) + 1;
  await tx.query(
    `insert into loyalty.program_version (tenant_id, program, ordinal, digest, effective_at,
       recorded_at, published_by, approval_id) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[command.tenant, name, ordinal, program.digest, instantToText(effectiveAt)],
      ...[instantToText(command.receivedAt), principalText(command.principal), body.approval_id],
    ],
  );
  const { unit, currency } = body.document;
  const payload = {
    ...{ program: name, version: program.version, digest: program.digest, ordinal },
    ...{ unit, currency, effective_at: instantToText(effectiveAt), supersedes },
    approval_id: body.approval_id ?? '',
  };
  return [used, policyEvent(command, 'loyalty.program_published', payload)];
}

/** What the approval of a publication is bound to. */
export function publicationSubject(
  { name, digest: named }: { readonly name: string; readonly digest: string },
  {
    effective_at = null,
    supersedes = null,
  }: {
    readonly effective_at?: string | undefined | null;
    readonly supersedes?: string | undefined | null;
  },
) {
  return { digest: named, effective_at, name, supersedes };
}

/** An instant that has passed meanwhile means at once; a text that is none is a mistake. */
function wantedInstant(text: string | undefined): Instant {
  const wanted = text === undefined ? 0 : instantFromText(text);
  return wanted ?? refuseField('/effective_at', 'must be an instant that exists');
}

function refuseOvertaken({ document, supersedes }: PublishBody, published: string | null): void {
  if (supersedes === undefined || supersedes === published) return;
  throw new Fault(
    'conflict',
    published === null
      ? `${document.name} has no version yet: supersedes is null`
      : `another version of ${document.name} was published last: ${published.slice(0, 12)}`,
    { detail: { published } },
  );
}

/** Throws `input_invalid` with the place and the reason of each flaw. */
async function sound(tx: pg.ClientBase, document: Program, at: Instant): Promise<CompiledProgram> {
  const [first] = await actsOf(tx, document.name);
  const before = first && (await readDocument(tx, first.digest));
  const { program, flaws } = examineProgram(document, { at, before });
  if (program === undefined || flaws.length > 0) refuseProgram(flaws);
  return program;
}

/** Equal texts are one document: it stays that of who has written it first. */
async function keepDocument(
  tx: pg.ClientBase,
  command: Command,
  { document, digest: named }: CompiledProgram,
): Promise<void> {
  await tx.query(
    `insert into loyalty.program_document (tenant_id, digest, program, document, drafted_by,
       drafted_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [
      ...[command.tenant, named, document.name, canonicalJson(document as Json)],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
}

async function draftersOf(tx: pg.ClientBase, of: string): Promise<readonly string[]> {
  const { rows } = await tx.query<{ drafted_by: string }>(
    'select drafted_by from loyalty.program_document where digest = $1',
    [of],
  );
  return rows.map(({ drafted_by }) => drafted_by);
}

// Reading -----------------------------------------------------------------------------------------

/** Of every programme of the tenant the version that counts at the instant, past or to come. */
export async function programsInForce(
  tx: pg.ClientBase,
  at: Instant,
): Promise<readonly CompiledProgram[]> {
  const programs = await readPrograms(tx);
  return programs.names.flatMap((name) => programs.inForce(name, at) ?? []);
}

/** The document of one programme that counts at the instant. */
export async function readProgramInForce(
  tx: pg.ClientBase,
  name: string,
  at: Instant,
): Promise<Program | undefined> {
  const act = actInForce(await actsOf(tx, name), at);
  return act && readDocument(tx, act.digest);
}
