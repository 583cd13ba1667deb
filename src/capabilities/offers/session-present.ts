// What was chosen is presented, each by a command of its own; where people decide, they are asked.
import {
  commandDigest,
  canonicalJson,
  derivedUuid,
  Fault,
  type FaultCode,
  type Json,
  type Uuid,
  withTx,
} from '#core';
import { readDecisions } from '#policy';
import type { Offered } from './funnel.ts';
import type { AskBody } from './present-ask.ts';
import { type PresentBody, presentOperation } from './present.ts';
import type { Moment } from './session.ts';

/** What became of one that was chosen. */
export type Presented = {
  readonly action: string;
  /** `asked`: it waits for people to agree. */
  readonly result: 'presented' | 'refused' | 'asked';
  readonly offer_id: Uuid | null;
  /** By which it was; null where it was not. */
  readonly command_id: Uuid | null;
  /** Why it was not. */
  readonly reasons: readonly string[];
};

export function presentAll(
  moment: Moment,
  offered: readonly Offered[],
): Promise<readonly Presented[]> {
  return Promise.all(offered.map((each) => present(moment, each)));
}

async function present(moment: Moment, offered: Offered): Promise<Presented> {
  const { parts, asking, id } = moment;
  const { code } = offered.action;
  const body = bodyOf(moment, offered);
  const key = asking.key ?? id;
  const none = { action: code, offer_id: null, command_id: null };
  try {
    const done = await parts.execute({
      principal: asking.principal,
      operation: presentOperation,
      // A blank, which no caller can send: nobody else can have taken the key.
      idempotencyKey: `offer ${key} ${code}`,
      body: body as unknown as Json,
    });
    const { commandId, outcome } = done;
    if (outcome.status === 'accepted') {
      const offer_id = derivedUuid(commandId, 'offer', 0);
      return { ...none, result: 'presented', offer_id, command_id: commandId, reasons: [] };
    }
    const reasons = outcome.reasons ?? [];
    const isAsked = (await isForPeople(moment, commandId)) && (await ask(moment, offered, body));
    return { ...none, result: isAsked ? 'asked' : 'refused', reasons };
  } catch (error) {
    // Another one was there first, it was stopped meanwhile, or policy said no to the same occasion
    // before: that is an answer.
    if (!(error instanceof Fault) || !isAnswer.includes(error.code)) throw error;
    const reason = error.detail['reason'];
    const reasons = typeof reason === 'string' ? [reason] : ['conflict'];
    return { ...none, result: 'refused', reasons };
  }
}

const isAnswer: readonly FaultCode[] = ['conflict', 'idempotency_key_reused'];

function bodyOf({ asking }: Moment, { action, propensity, terms, arm }: Offered): PresentBody {
  return {
    ...{ customer: asking.customer, action: action.code, version: action.version },
    ...{ channel: asking.channel, path: asking.path },
    chosen_by_model: propensity.source === 'model',
    ...{ arm: arm.arm, chosen_ppm: arm.chosen_ppm },
    ...{ propensity_ppm: propensity.ppm, propensity_source: propensity.source, terms },
    because: asking.because ?? null,
  };
}

/** Whether policy has left it to people, rather than refused it. */
async function isForPeople({ parts, asking }: Moment, command: Uuid): Promise<boolean> {
  const decision = derivedUuid(command, 'decision', 0);
  const found = await withTx(parts.database.pool('read'), (tx) => readDecisions(tx, [decision]), {
    tenant: asking.principal.tenant,
    readOnly: true,
  });
  const { reasons = [], outcome } = found.get(decision) ?? {};
  // Of a fact that is missing people know no more.
  return outcome === 'review' && !reasons.includes('fact_missing');
}

/** By the system: what people agree to is carried out whether or not somebody waits for it. */
async function ask(moment: Moment, { action }: Offered, body: PresentBody): Promise<boolean> {
  const { parts, asking, id } = moment;
  const { tenant } = asking.principal;
  const bodyText = canonicalJson(body as unknown as Json);
  const asked: AskBody = {
    present: body,
    digest: commandDigest({ tenant, operation: presentOperation, bodyText }),
    summary: `To offer ${action.action.title} to ${asking.customer} by ${asking.channel}`,
  };
  try {
    const done = await parts.execute({
      principal: { kind: 'service', id: 'offers', tenant },
      operation: 'offer.ask',
      idempotencyKey: `ask ${id} ${action.code}`,
      body: asked as unknown as Json,
    });
    return done.outcome.status === 'accepted';
  } catch (error) {
    if (error instanceof Fault && error.code === 'conflict') return true;
    throw error;
  }
}
