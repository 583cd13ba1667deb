// Offers that people have to agree to: the exact command waits for its approval, which is its key;
// and what was considered is kept.
import { scoreEvent } from '#ai';
import {
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  principalText,
  type Tx,
  type Uuid,
} from '#core';
import {
  approvalOf,
  commandSubject,
  openApproval,
  type Performed,
  policyEvent,
  type PolicyOperations,
} from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import type { Candidate } from './funnel.ts';
import type { ActionScore } from './learning/propensity.ts';
import { offerPaths, type PresentBody } from './present.ts';
import type { Presented } from './session-present.ts';

/** An approval that nobody gives is for nothing by then: the moment is over. */
const requestLifeMs = 7 * 86_400_000;

export type AskBody = {
  readonly present: PresentBody;
  /** Of the command that presents it. */
  readonly digest: string;
  readonly summary: string;
};

export type ConsiderBody = {
  readonly consideration: Uuid;
  readonly customer: string;
  readonly channel: string;
  readonly path: string;
  readonly because: string | null;
  readonly candidates: readonly Candidate[];
  readonly shadow: readonly Candidate[];
  readonly presented: readonly Presented[];
  readonly scores: readonly ActionScore[];
};

const text = Type.String();
export const askPayloads = {
  'offer.asked': Type.Object({
    approval_id: text,
    customer: text,
    action: text,
    channel: text,
    expires_at: text,
  }),
  'offer.considered': Type.Object({
    consideration_id: text,
    customer: text,
    channel: text,
    path: Type.Enum([...offerPaths]),
    offered: Type.Array(text, { description: 'Actions, the first first.' }),
    watched: Type.Array(text, { description: 'Those that would have been offered in shadow.' }),
    refused: Type.Record(text, text, { description: 'By action, the first reason.' }),
  }),
};

export const askOperations: PolicyOperations = {
  'offer.ask': { changesRights: false, perform: ask },
  'offer.consider': { changesRights: false, isConcurrent: true, perform: consider },
};

async function ask(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  expectSystem(command);
  const body = command.body as unknown as AskBody;
  const { customer, action, channel } = body.present;
  const { tenant, receivedAt, principal, id } = command;
  const at = instantToText(receivedAt);
  const waiting = await tx.query(
    `select from offers.request r
      where r.tenant_id = $1 and r.customer = $2 and r.action = $3 and r.expires_at > $4`,
    [tenant, customer, action, at],
  );
  if (waiting.rowCount !== 0) {
    throw new Fault('conflict', 'people were asked about this offer already', {
      detail: { reason: 'asked_before' },
    });
  }
  const approval_id = approvalOf(id);
  const expiresAt = receivedAt + requestLifeMs;
  const opened = await openApproval(tx, command, {
    ...{ subjectKind: commandSubject, subjectDigest: body.digest, subject: null },
    ...{ summary: body.summary, maker: principalText(principal) },
    ...{ requiredCheckers: 1, expiresAt },
  });
  await tx.query(
    `insert into offers.request (tenant_id, approval_id, customer, action, body, asked_at,
       expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[tenant, approval_id, customer, action, JSON.stringify(body.present), at],
      instantToText(expiresAt),
    ],
  );
  const expires_at = instantToText(expiresAt);
  const told = { approval_id, customer, action, channel, expires_at };
  return [opened, policyEvent(command, 'offer.asked', told)];
}

async function consider(tx: pg.ClientBase, command: Command): Promise<Performed> {
  expectSystem(command);
  const body = command.body as unknown as ConsiderBody;
  const { consideration, customer, channel, path, candidates, shadow } = body;
  const offered = candidates.filter(({ refused }) => refused.length === 0);
  const watched = shadow.filter(({ refused }) => refused.length === 0);
  const mode = candidates.length > 0 ? 'live' : 'shadow';
  const refused = candidates.flatMap(({ action, refused: [first] }) =>
    first ? [[action, first.rule] as const] : [],
  );
  const told = {
    ...{ consideration_id: externalId('command', consideration), customer, channel, path },
    offered: offered.map(({ action }) => action),
    watched: watched.map(({ action }) => action),
    refused: Object.fromEntries(refused),
  };
  return {
    events: [policyEvent(command, 'offer.considered', told), ...scored(command, body)],
    write: () =>
      tx.query(
        `insert into offers.consideration (tenant_id, id, customer, path, channel, mode, body,
       considered_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          ...[command.tenant, consideration, customer, path, channel, mode],
          ...[command.bodyText, instantToText(command.receivedAt)],
        ],
      ),
  };
}

/**
 * What models have said is on record as elsewhere, but behind the answer. Of what was presented it
 * is a score of the command that has done so, which labels judge; of all else, of this one.
 */
function scored({ id }: Command, { scores, presented }: ConsiderBody): readonly EventDraft[] {
  const commands = new Map(presented.map(({ action, command_id }) => [action, command_id]));
  return scores.map(({ action, score }) =>
    scoreEvent({
      ...{ ...score, id: derivedUuid(id, `score ${action}`, 0) },
      commandId: commands.get(action) ?? id,
    }),
  );
}

function expectSystem({ principal, operation }: Command): void {
  if (principal.kind === 'service' && principal.id === 'offers') return;
  throw new Fault('denied', `${operation} is done by the system alone`);
}

/** What an approval lets happen, while it does. */
export async function readRequest(
  tx: Tx,
  approval: string,
  at: number,
): Promise<PresentBody | undefined> {
  const { rows } = await tx.query<{ body: PresentBody }>(
    `select body from offers.request
      where tenant_id = core.current_tenant() and approval_id = $1 and expires_at > $2`,
    [approval, instantToText(at)],
  );
  return rows[0]?.body;
}
