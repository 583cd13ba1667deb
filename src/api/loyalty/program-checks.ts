// Programmes looked at without any effect: a draft is checked, a transaction is evaluated.
import {
  Fault,
  type Instant,
  instantToText,
  invalidRequest,
  isoExponent,
  nullable,
  parseDecimal,
  refuseField,
  type Tx,
} from '#core';
import {
  countersOf,
  earnFacts,
  type Earning,
  type EarnTransaction,
  earnTransaction,
  earnWhys,
  evaluateEarning,
  examineProgram,
  type Flaw,
  type Program,
  programName,
  programSchema,
  programSchemas as s,
  publicationSubject,
  readProgramAt,
  readPrograms,
  unknownTier,
} from '#loyalty';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { nameOf } from '../act-routes.ts';
import { type Parts, read } from '../routes.ts';
import { problems } from '../views.ts';
import { instantIn } from '../write.ts';
import { bodyWith, told } from './program-document.ts';

const tags = ['loyalty'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const params = Type.Object({ name: programName });
const points = Type.Integer({ minimum: 0, description: 'Whole points.' });
const fraction = Type.String({
  description: 'Exact, before any rounding: a decimal, or a fraction that no decimal says.',
  examples: ['299.98'],
});
const counts = Type.Record(Type.String(), Type.Integer({ minimum: 0 }));

const earningView = Type.Object({
  version: text,
  points,
  spend: Type.Integer({ description: 'Minor units that count as spending.' }),
  excluded: nullable(Type.String({ description: 'The id of the exclusion, or other_currency.' })),
  parts: Type.Array(
    Type.Object({
      points,
      campaign: nullable(text),
      rules: Type.Array(text),
      reason: text,
    }),
    { description: 'What the programme gives, and what each campaign gives from its budget.' },
  ),
  matures_at: nullable(instant),
  expires_at: nullable(instant),
  counted: Type.Record(Type.String(), Type.Integer(), {
    description: 'By how much the counters of the member would grow.',
  }),
  trace: Type.Array(
    Type.Object({
      rule: Type.String({ description: '`rate`, `tier:gold`, `exclusion:cash`, or a rule.' }),
      campaign: nullable(text),
      held: Type.Boolean(),
      why: Type.Enum([...earnWhys]),
      saw: Type.Record(Type.String(), Type.Any(), {
        description: 'The facts that were looked at; null where one is missing.',
      }),
      worth: fraction,
      points: Type.Integer({ description: 'Negative where it reduces.' }),
      cuts: Type.Array(
        Type.Object({
          by: Type.String({ description: 'The counter that was full, or `reward of spend`.' }),
          worth: fraction,
        }),
      ),
    }),
  ),
});

export function programCheckRoutes(app: FastifyInstance, parts: Parts): void {
  checkRoute(app, parts);
  evaluateRoute(app, parts);
}

// Checking ----------------------------------------------------------------------------------------

function checkRoute(app: FastifyInstance, parts: Parts): void {
  const body = Type.Object({
    document: Type.Any({ description: 'A document, however unfinished.' }),
    effective_at: Type.Optional(instant),
    supersedes: Type.Optional(nullable(s.digest)),
  });
  app.post(
    '/v1/loyalty/programs/:name/check',
    {
      schema: {
        tags,
        summary: 'Check a draft and work out its own examples, and keep nothing',
        description: 'Flaws are the answer, not a problem: with the place of each.',
        params,
        body,
        response: {
          200: Type.Object({
            valid: Type.Boolean(),
            version: nullable(text),
            digest: nullable(s.digest),
            errors: Type.Array(Type.Object({ pointer: text, detail: text })),
            untested: Type.Array(text, {
              description: 'Rules that none of its examples makes hold.',
            }),
            examples: Type.Array(Type.Object({ name: text, earning: earningView })),
            subject: nullable(
              Type.Record(Type.String(), nullable(text), {
                description: 'What the approval of publishing it is asked for.',
              }),
            ),
          }),
          ...problems,
        },
      },
    },
    (request) => {
      const asked = request.body as Checked;
      const wanted = instantIn(asked.effective_at, '/effective_at') ?? 0;
      const at = Math.max(wanted, parts.planes.clock.now());
      const answer = (tx: Tx) => checked(tx, { ...asked, name: nameOf(request), at });
      return read(parts, request, answer, 'loyalty:read');
    },
  );
}

type Checked = {
  readonly document: unknown;
  readonly effective_at?: string;
  readonly supersedes?: string | null;
};

async function checked(tx: Tx, asked: Checked & { readonly name: string; readonly at: Instant }) {
  const { document, name, at, effective_at, supersedes } = asked;
  const before = (await readProgramAt(tx, name, at))?.document;
  const { program, flaws, untested, examples } = examineProgram(document, { at, before });
  const found = program?.document;
  const errors = [...flaws, ...nameFlaws(document, name), ...(await unitFlaws(tx, found))];
  const isValid = program !== undefined && errors.length === 0;
  return {
    ...{ valid: isValid, errors, untested },
    version: program?.version ?? null,
    digest: program?.digest ?? null,
    examples: examples.map((each) => ({ name: each.name, earning: earningOf(each.earning) })),
    subject: isValid
      ? publicationSubject({ name, digest: program.digest }, { effective_at, supersedes })
      : null,
  };
}

function nameFlaws(document: unknown, name: string): Flaw[] {
  const given = (document as { readonly name?: unknown } | null)?.name;
  if (typeof given !== 'string' || given === name) return [];
  return [{ pointer: '/name', detail: `is "${given}", and the path says "${name}"` }];
}

/** Points have no decimals: a unit that was registered with some is not for them. */
async function unitFlaws(tx: Tx, document: Pick<Program, 'unit'> | undefined): Promise<Flaw[]> {
  if (document === undefined) return [];
  const { unit } = document;
  const { rows } = await tx.query<{ exponent: number }>(
    'select exponent from money.unit where code = $1',
    [unit],
  );
  const exponent = rows[0]?.exponent ?? 0;
  if (exponent === 0) return [];
  const detail = `${unit} has ${exponent} decimals, and points have none: register another unit`;
  return [{ pointer: '/unit', detail }];
}

/** Refuses what the ledger could never open accounts for. */
export async function refuseOtherUnit(
  parts: Parts,
  request: FastifyRequest,
  unit: string,
): Promise<void> {
  const flaws = await read(parts, request, (tx) => unitFlaws(tx, { unit }), 'loyalty:write');
  const [flaw] = flaws;
  if (flaw) refuseField(`/document${flaw.pointer}`, flaw.detail);
}

// Evaluating --------------------------------------------------------------------------------------

const evaluateBody = Type.Object(
  {
    transaction: earnTransaction,
    now: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'When it is posted, unless the transaction says so itself: an instant to come shows ' +
          'what versions and campaigns that are planned will give.',
      }),
    ),
    used: Type.Optional({
      ...counts,
      description: 'What the member has had of each counter before; nothing unless given.',
    }),
    // A draft to evaluate by, instead of what is published.
    document: Type.Optional(programSchema),
  },
  { additionalProperties: false },
);
type Evaluated = Type.Static<typeof evaluateBody>;

function evaluateRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/loyalty/programs/:name/evaluate',
    {
      ...bodyWith(evaluateBody),
      // An amount of money that is written as a decimal deserves a better word than a schema has.
      preValidation: async ({ body }) => refuseDecimal(body),
      schema: {
        tags,
        summary: 'Work out what a transaction would earn, and why; nothing is written',
        params,
        body: told(evaluateBody),
        response: {
          200: Type.Interface([earningView], {
            counters: Type.Array(text, { description: 'The counters that caps look at.' }),
          }),
          ...problems,
        },
      },
    },
    (request) => {
      const asked = request.body as Evaluated;
      for (const member of ['occurred_at', 'authorized_at'] as const) {
        instantIn(asked.transaction[member], `/transaction/${member}`);
      }
      const now = instantIn(asked.now, '/now') ?? parts.planes.clock.now();
      const answer = (tx: Tx) => evaluated(tx, { ...asked, name: nameOf(request), at: now });
      return read(parts, request, answer, 'loyalty:read');
    },
  );
}

async function evaluated(
  tx: Tx,
  asked: Evaluated & { readonly name: string; readonly at: Instant },
) {
  const { name, at, used = {}, transaction } = asked;
  const drafted = asked.document && draftOf(asked.document, at);
  const programs = await readPrograms(tx);
  const current = drafted ?? programs.inForce(name, at) ?? refuseMissing(name, at);
  const facts = earnFacts(transaction, { currency: current.document.currency, now: at });
  const program = drafted ?? programs.versionFor(name, facts);
  if (!program) return refuseMissing(name, facts.authorizedAt ?? facts.occurredAt);
  const flaw = facts.tier === null ? undefined : unknownTier(program.document, facts.tier);
  if (flaw !== undefined) refuseField('/transaction/tier', flaw);
  const counters = countersOf(program, facts);
  return { ...earningOf(evaluateEarning(program, facts, { used })), counters };
}

function draftOf(document: Program, at: Instant) {
  const examined = examineProgram(document, { at });
  const { program } = examined;
  // Its examples are of another instant, perhaps: they are judged when it is published.
  const flaws = examined.flaws.filter((flaw) => !flaw.pointer.startsWith('/examples'));
  if (program && flaws.length === 0) return program;
  throw invalidRequest(
    flaws.map(({ pointer, detail }) => ({ pointer: `/document${pointer}`, detail })),
  );
}

function refuseMissing(name: string, at: Instant): never {
  throw new Fault('not_found', `there is no programme ${name} in force at ${instantToText(at)}`);
}

/** `149.99` may mean 149.99 or 14999: nothing is guessed, and what to write is told. */
function refuseDecimal(body: unknown): void {
  const transaction = (body as { readonly transaction?: EarnTransaction } | null)?.transaction;
  // Of a body nothing is a number but an integer: all else has stayed text.
  const amount: unknown = transaction?.amount;
  if (typeof amount !== 'string') return;
  const currency = transaction?.currency;
  const exponent = currency === undefined ? 2 : isoExponent(currency);
  if (exponent === undefined || !/^\d{1,13}\.\d{1,8}$/.test(amount)) return;
  const minor = minorUnitsIn(amount, exponent);
  const of = currency === undefined ? 'of a currency with two decimals' : currency;
  const hint = minor === undefined ? '' : `: ${amount} ${of} is ${minor}`;
  refuseField('/transaction/amount', `must be an integer of minor units${hint}`);
}

function minorUnitsIn(amount: string, exponent: number): string | undefined {
  try {
    return `${parseDecimal(amount, exponent)}`;
  } catch {
    return undefined;
  }
}

function earningOf({ maturesAt, expiresAt, ...earning }: Earning) {
  return {
    ...earning,
    matures_at: maturesAt === null ? null : instantToText(maturesAt),
    expires_at: expiresAt === null ? null : instantToText(expiresAt),
  };
}
