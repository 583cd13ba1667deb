// Runs on record: who asked for one, what it has found, and what the ledger said to its journal.
import {
  assert,
  type Command,
  closed,
  externalId,
  Fault,
  instantFromText,
  instantToText,
  internalId,
  type Json,
  nullable,
  principalText,
  refuseField,
  type Uuid,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { onlySystem } from '../accounts.ts';
import { programName } from '../program/program.ts';
import { readProgramInForce } from '../program/versions.ts';
import type { Report } from './report.ts';

const instant = Type.String({ format: 'date-time', maxLength: 40 });
const integer = Type.Integer();

const requestBody = Type.Object(
  {
    program: programName,
    as_of: Type.Optional({
      ...instant,
      description: 'Not in the future, and after the last run; now unless given.',
    }),
  },
  closed,
);
type RequestBody = Type.Static<typeof requestBody>;

export type RecordBody = Report & {
  readonly program: string;
  readonly ordinal: number;
  readonly as_of: string;
  readonly version: string;
  readonly currency: string;
  readonly position: number;
  readonly follows: number | null;
};

export type SettleBody = {
  readonly program: string;
  readonly ordinal: number;
  readonly status: 'posted' | 'nothing' | 'rejected';
  /** Of the journal. */
  readonly command_id: string | null;
  readonly code: string | null;
};

const which = { program: programName, ordinal: Type.Integer({ minimum: 1 }) };
const movement = Type.Object({ deferred: integer, redeemed: integer, breakage: integer });
const figures = Type.Object({
  cohorts: integer,
  cohorts_gone: integer,
  points: integer,
  redeemed: integer,
  lapsed: integer,
  outstanding: integer,
  expected: integer,
  redemption_rate: Type.Number(),
  redemption_rate_low: Type.Number(),
  redemption_rate_high: Type.Number(),
  breakage_rate: Type.Number(),
  liability: Type.Integer({ description: 'Minor units of the home currency.' }),
  movement: Type.Object(movement.properties, {
    description: 'What moves in money: deferred, released by use, released by breakage.',
  }),
});
export const liabilitySchemas = { requestBody, figures };

export const liabilityPayloads = {
  'loyalty.liability_requested': Type.Object({ program: programName, as_of: Type.String() }),
  'loyalty.liability_recorded': Type.Object({
    ...which,
    ...{ as_of: Type.String(), version: Type.String(), policy: Type.Enum(['ifrs15', 'ias37']) },
    ...{ currency: Type.String(), input_digest: Type.String(), follows: nullable(integer) },
    figures,
  }),
  'loyalty.liability_posted': Type.Object({
    ...which,
    status: Type.Enum(['posted', 'nothing', 'rejected']),
    command_id: nullable(Type.String()),
    code: nullable(Type.String()),
  }),
};

export const liabilityOperations: PolicyOperations = {
  'loyalty.liability.request': { changesRights: false, perform: request },
  'loyalty.liability.record': { changesRights: false, perform: record },
  'loyalty.liability.settle': { changesRights: false, perform: settle },
};

async function request(tx: pg.ClientBase, command: Command) {
  const { program, as_of } = command.body as RequestBody;
  const asOf = as_of === undefined ? command.receivedAt : instantFromText(as_of);
  if (asOf === undefined) refuseField('/as_of', 'must be an instant that exists');
  if (asOf > command.receivedAt) refuseField('/as_of', 'must not be in the future');
  const document = await readProgramInForce(tx, program, command.receivedAt);
  if (!document) throw new Fault('not_found', `there is no programme ${program}`);
  if (!document.liability) {
    const how = 'publish a version of it with a member `liability`';
    refuseField('/program', `${program} does not say what its points owe: ${how}`);
  }
  const last = await lastRun(tx, program);
  if (last && last.as_of.getTime() >= asOf) {
    refuseField('/as_of', `must be after the last run, as of ${last.as_of.toISOString()}`);
  }
  await tx.query(
    `insert into loyalty.liability_request (tenant_id, program, as_of, command_id, requested_by,
       requested_at) values ($1, $2, $3, $4, $5, $6)`,
    [
      ...[command.tenant, program, instantToText(asOf), command.id],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  const told = { program, as_of: instantToText(asOf) };
  return [policyEvent(command, 'loyalty.liability_requested', told)];
}

async function record(tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const body = command.body as unknown as RecordBody;
  const { program, ordinal, as_of, figures: found, detail, ...told } = body;
  const last = await lastRun(tx, program);
  if ((last?.ordinal ?? 0) + 1 !== ordinal) {
    throw new Fault('conflict', `run ${ordinal} of ${program} does not follow the last one`);
  }
  const isLater = !last || last.as_of.getTime() < (instantFromText(as_of) ?? 0);
  assert(isLater, 'runs follow each other in time');
  assert((await lastBooked(tx, program))?.ordinal === (told.follows ?? undefined), 'as posted');
  await tx.query(
    `insert into loyalty.liability_run (tenant_id, program, ordinal, as_of, version, policy,
       currency, input_digest, position, figures, detail, follows, recorded_by, recorded_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      ...[command.tenant, program, ordinal, as_of, told.version, told.policy, told.currency],
      ...[told.input_digest, told.position, JSON.stringify(found), JSON.stringify(detail)],
      ...[told.follows, principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  const { position: _, ...rest } = told;
  const payload = { program, ordinal, as_of, ...rest, figures: found };
  return [policyEvent(command, 'loyalty.liability_recorded', payload as unknown as Json)];
}

async function settle(tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const body = command.body as SettleBody;
  const { program, ordinal, status, command_id, code } = body;
  await tx.query(
    `insert into loyalty.liability_posting (tenant_id, program, ordinal, status, command_id, code,
       posted_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[command.tenant, program, ordinal, status],
      ...[command_id && internalId('command', command_id), code],
      instantToText(command.receivedAt),
    ],
  );
  return [policyEvent(command, 'loyalty.liability_posted', { ...body })];
}

// Reading -----------------------------------------------------------------------------------------

type Run = {
  readonly ordinal: number;
  readonly as_of: Date;
  readonly figures: Report['figures'];
  readonly currency: string;
  readonly status: SettleBody['status'] | null;
};

const runColumns = 'r.ordinal, r.as_of, r.figures, r.currency, p.status';
const joined = `loyalty.liability_run r left join loyalty.liability_posting p
  on p.tenant_id = r.tenant_id and p.program = r.program and p.ordinal = r.ordinal`;

/** The newest run of a programme, and whether its journal was posted. */
export async function lastRun(
  tx: Pick<pg.ClientBase, 'query'>,
  program: string,
): Promise<Run | undefined> {
  const { rows } = await tx.query<Run>(
    `select ${runColumns} from ${joined}
      where r.tenant_id = core.current_tenant() and r.program = $1
      order by r.ordinal desc limit 1`,
    [program],
  );
  return rows[0];
}

/** The newest run that the ledger stands by: its books are what the next one goes on from. */
export async function lastBooked(
  tx: Pick<pg.ClientBase, 'query'>,
  program: string,
): Promise<{ readonly ordinal: number; readonly detail: Report['detail'] } | undefined> {
  const { rows } = await tx.query<{ ordinal: number; detail: Report['detail'] }>(
    `select r.ordinal, r.detail from ${joined}
      where r.tenant_id = core.current_tenant() and r.program = $1
        and p.status in ('posted', 'nothing')
      order by r.ordinal desc limit 1`,
    [program],
  );
  return rows[0];
}

/** The journal of a command, as it is told. */
export function journalId(commandId: Uuid): string {
  return externalId('command', commandId);
}
