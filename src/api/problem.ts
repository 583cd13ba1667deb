// RFC 9457 problem details: the one place where outcomes and faults become HTTP errors.
import { Fault, type FaultCode, faults, invalidRequest, violationsOf } from '#core';
import { type Outcome, type RejectionCode, rejections } from '#money';
import type { FastifyError, FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Refusal } from './refusal.ts';

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'A reference to the description of the problem.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'What to program against: it never changes its meaning.' }),
    detail: Type.Optional(Type.String()),
    leg: Type.Optional(Type.Integer()),
    limit: Type.Optional(Type.String()),
    decision_id: Type.Optional(Type.String({ description: 'Of a refusal by policy.' })),
    reasons: Type.Optional(Type.Array(Type.String())),
    obligations: Type.Optional(Type.Record(Type.String(), Type.Any())),
    approval: Type.Optional(
      Type.Object(
        {
          subject_kind: Type.String(),
          subject_digest: Type.String(),
          required_checkers: Type.Integer(),
          instruction: Type.String(),
        },
        { description: 'What to ask other people to approve.' },
      ),
    ),
    subject_kind: Type.Optional(Type.String({ description: 'Of what needs an approval.' })),
    subject_digest: Type.Optional(Type.String()),
    subject: Type.Optional(
      Type.Record(Type.String(), Type.Any(), {
        description: 'What is to be approved: to be sent with the request for it.',
      }),
    ),
    core: Type.Optional(Type.String({ description: 'Of a core that failed or refused.' })),
    class: Type.Optional(Type.String({ description: 'Why, in one word for all cores.' })),
    leads_to: Type.Optional(
      Type.String({ description: 'retry, look_up, correct, enrich or escalate.' }),
    ),
    core_code: Type.Optional(Type.String({ description: "The core's own word for it." })),
    retryable: Type.Optional(Type.Boolean()),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() })),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details.' },
);

export type Problem = Type.Static<typeof problemSchema>;

/** What a caller waits before it tries again, in seconds. */
const retryAfterS = 1;

export function faultProblem(fault: Fault): Problem {
  const { status, title, retryable } = faults[fault.code];
  return {
    // First, so that no extension member can take the place of a standard one.
    ...fault.detail,
    type: `/problems/${fault.code}`,
    title,
    status,
    code: fault.code,
    detail: fault.message,
    ...(retryable ? { retryable } : {}),
  };
}

/** A refusal by policy is told by its decision; the ledger's own reasons are all of one status. */
export function rejectionProblem(
  outcome: Outcome & { status: 'rejected' },
  refusal: Refusal | undefined,
): Problem {
  return {
    type: `/problems/${outcome.code}`,
    title: rejections[outcome.code],
    status: rejectionStatus(outcome.code),
    code: outcome.code,
    ...refusal,
    ...(outcome.leg === undefined ? {} : { leg: outcome.leg }),
    ...(outcome.limit === undefined ? {} : { limit: outcome.limit }),
  };
}

/** What policy wants first can still be met, so it is a conflict; what it denies cannot. */
export function rejectionStatus(code: RejectionCode): number {
  switch (code) {
    case 'policy_denied':
      return 403;
    case 'policy_hold':
    case 'policy_review':
      return 409;
    default:
      return 422;
  }
}

export async function sendProblem(reply: FastifyReply, problem: Problem): Promise<FastifyReply> {
  if (problem.status === 503) reply.header('retry-after', retryAfterS);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}

/** Whatever was thrown, as a fault. What nobody foresaw becomes `internal`, without its cause. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, validation, message } = error as Partial<FastifyError>;
  if (validation) return invalidRequest(violationsOf(validation), error);
  // Their messages say again what was sent.
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return new Fault('bad_request', 'there is no such address', { cause: error });
  }
  const known = fastifyFaults[code ?? ''];
  if (known) return new Fault(known, message ?? known, { cause: error });
  return new Fault('internal', 'the operator finds the cause in the log', { cause: error });
}

const fastifyFaults: Readonly<Record<string, FaultCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
};
