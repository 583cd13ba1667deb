// Points by hand: what a person or an agent gives a member or takes from one, as a command.
import {
  closed,
  type Command,
  type CommandInput,
  Fault,
  idPrefixes,
  type Instant,
  instantFromText,
  instantToText,
  type Json,
  plainText,
  refuseField,
  type Tx,
} from '#core';
import type { PostLeg } from '#money';
import { readApproval } from '#policy';
import Type from 'typebox';
import { type Held, readHeld } from './accrual-page.ts';
import { readRecorded } from './accrual-send.ts';
import { look, programAccounts, type SystemParts } from './accounts.ts';
import { adjustCommand, adjustDownCommand, type MemberMoving } from './points.ts';
import { expiresAt } from './program/expiry.ts';
import { type Program, programName } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';

export const adjustmentBody = Type.Object(
  {
    program: programName,
    points: Type.Integer({
      minimum: -Number.MAX_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'More than zero to give, less than zero to take: never more than there is.',
      examples: [500, -200],
    }),
    reason: Type.String({
      pattern: '^[a-z][a-z0-9_]{1,39}$',
      description: 'Why, in a word that reports can count.',
      examples: ['goodwill', 'missing_points', 'correction'],
    }),
    source: Type.Optional(
      plainText({
        maxLength: 80,
        description: 'What it follows from, by its id. No personal data.',
      }),
    ),
    expires_at: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description:
          'Of points that are given; as the programme has it unless said, null is never.',
      }),
    ),
  },
  closed,
);
export type AdjustmentBody = Type.Static<typeof adjustmentBody>;

export type Adjusting = AdjustmentBody & {
  readonly by: Command['principal'];
  readonly key: string;
  readonly customer: string;
  readonly at: Instant;
};

type Parts = Pick<SystemParts, 'database'>;

/**
 * The command. What was sent under its key before is sent again as it was: a retry is told the
 * first answer, and what others have approved is done as it was asked for, whatever has moved.
 */
export async function adjustmentFor(
  parts: Parts,
  tenant: string,
  asked: Adjusting,
): Promise<CommandInput<Json>> {
  const { by, key, points } = asked;
  if (points === 0) refuseField('/points', 'must not be zero: give points, or take some');
  const sent = { principal: by, operation, idempotencyKey: key };
  return look(parts, tenant, async (tx) => {
    const recorded = (await readRecorded(tx, [key])).get(key);
    const before = recorded ?? (await refusedBefore(tx, key, asked.at));
    const isSame = before?.operation === operation && isOf(before.body, asked);
    return isSame ? { ...sent, body: before.body } : newAdjustment(tx, asked);
  });
}

const operation = 'points.adjust';

/** What an approval is of, as it was refused; undefined for a key that is no approval of points. */
export async function refusedBefore(
  tx: Tx,
  key: string,
  at: Instant,
): Promise<{ readonly operation: string; readonly body: Json } | undefined> {
  if (!key.startsWith(`${idPrefixes.approval}_`)) return undefined;
  const approval = await readApproval(tx, key, at);
  if (!approval) return undefined;
  const { rows } = await tx.query<{ operation: string; body: string }>(
    `select operation, body from core.command
      where tenant_id = core.current_tenant() and digest = decode($1, 'hex')
        and operation like 'points.%' and outcome like '%"policy_review"%' limit 1`,
    [approval.subject_digest],
  );
  return rows[0] && { operation: rows[0].operation, body: JSON.parse(rows[0].body) as Json };
}

/** Whether it is what is asked for now: the same points of the same member, for one reason. */
function isOf(body: Json, asked: Adjusting): boolean {
  const { legs, points: facts } = body as unknown as {
    readonly legs: readonly PostLeg[];
    readonly points: { readonly takes: boolean };
  };
  const said = legs[0]?.metadata ?? {};
  const sum = legs.reduce((total, { amount }) => total + amount, 0);
  const expiry = asked.expires_at;
  const expires = expiry === undefined ? said['expires_at'] : (expiry ?? undefined);
  return (
    (facts.takes ? -sum : sum) === asked.points &&
    said['program'] === asked.program &&
    said['member'] === asked.customer &&
    said['reason'] === asked.reason &&
    said['source'] === asked.source &&
    said['expires_at'] === expires
  );
}

async function newAdjustment(tx: Tx, asked: Adjusting): Promise<CommandInput<Json>> {
  const { program, customer, by, key, reason, source, points, at } = asked;
  const held = (await readHeld(tx, { program, customers: [customer] })).get(customer);
  const accounts = await programAccounts(tx, program);
  const ruled = await readProgramInForce(tx, program, at);
  if (!held || !accounts || !ruled) {
    throw new Fault('not_found', `there is no member ${customer} of ${program}`);
  }
  const moving: MemberMoving = {
    ...{ by, key, program: accounts, member: held.member, reason },
    ...(source === undefined ? {} : { source }),
  };
  if (points < 0) return adjustDownCommand({ ...moving, takes: [{ points: -points }] });
  return adjustCommand({
    ...moving,
    owed: held.owed,
    gifts: [{ points, to: 'active', expiresAt: expiryOf(asked, ruled) }],
    facts: factsOf(held, ruled),
  });
}

function factsOf({ active, pending, owed }: Held, { point_value_micros }: Program) {
  return { customerPoints: active + pending - owed, pointValueMicros: point_value_micros };
}

function expiryOf({ expires_at: given, at }: Adjusting, ruled: Program): string | null {
  if (given === null) return null;
  if (given === undefined) {
    const expiry = expiresAt(ruled, at);
    return expiry === null ? null : instantToText(expiry);
  }
  const instant = instantFromText(given);
  if (instant === undefined || instant <= at) {
    refuseField('/expires_at', 'must be an instant to come, or null for never');
  }
  return given;
}
