// The tools of the gateway in the words of MCP: the list that a caller may see, and what came of a
// call.
import { type Clock, type Fault, type Instant, type Json, pageOf } from '#core';
import type { AskedCall, GatewayCaller, ProposalView, ToolHost, ToolView } from '#gateway';
import {
  CLIENT_CAPABILITIES_META_KEY,
  type CallToolRequest,
  type CallToolResult,
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  type InputRequest,
  type InputRequiredResult,
  type ListToolsRequest,
  type ListToolsResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
  type Tool as McpTool,
} from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import { type CallerOf, governed } from '../governed.ts';
import { faultProblem, type Problem, toFault } from '../problem.ts';
import { checkedKey, queryIn, queryMaxChars, traceIdIn } from '../write.ts';

export type ToolParts = {
  readonly host: ToolHost;
  readonly clock: Clock;
  readonly callerOf: CallerOf;
  /** Where whoever has to agree finds the proposal; without one the terms say it in words. */
  readonly proposalUrl?: (proposal: ProposalView) => string;
};

export type ToolHandlers = {
  readonly list: (request: ListToolsRequest) => Promise<ListToolsResult>;
  readonly call: (
    request: CallToolRequest,
    context: ServerContext,
  ) => Promise<CallToolResult | InputRequiredResult>;
};

/** Our own members of `_meta`, of requests and of tools. */
const metaPrefix = 'io.countersign/';
const toolsPerPage = 100;
/** The name of our one question in `inputRequests`. */
const question = 'approval';

/** For the message that an HTTP request has carried. */
export function toolHandlers(parts: ToolParts, sent: FastifyRequest): ToolHandlers {
  const { host, clock, callerOf } = parts;
  return {
    list: async (request) => {
      const caller = await callerOf(sent, true);
      return listTools(host, { caller, at: clock.now(), after: request.params?.cursor });
    },
    async call({ params }, context) {
      try {
        const asked = askedCall(params, context, sent);
        const answer = await governed(callerOf, sent, (one) => host.call(one, asked));
        if (answer.status === 'done') {
          return { ...resultOf(answer.output), _meta: { [`${metaPrefix}call-id`]: answer.callId } };
        }
        return waitsResult(answer, context, parts.proposalUrl);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        const fault = toFault(error);
        if (fault.code === 'not_found') await checkListed(parts, sent, params.name);
        return problemResult(fault, sent);
      }
    },
  };
}

/** One that the caller may not call is as unknown as one that there is not. */
async function checkListed(
  { host, clock, callerOf }: ToolParts,
  request: FastifyRequest,
  name: string,
) {
  const views = await host.list(await callerOf(request, true), clock.now());
  if (views.some((view) => view.name === name)) return;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'there is no such tool');
}

async function listTools(
  host: ToolHost,
  { caller, at, after }: { caller: GatewayCaller; at: Instant; after: string | undefined },
): Promise<ListToolsResult> {
  const views = [...(await host.list(caller, at))].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rest = after === undefined ? views : views.filter(({ name }) => name > after);
  const page = pageOf(rest.slice(0, toolsPerPage + 1), toolsPerPage, ({ name }) => name);
  const tools = page.items.map(mcpTool);
  return page.next === null ? { tools } : { tools, nextCursor: page.next };
}

function mcpTool(view: ToolView): McpTool {
  const { name, title, description, version, effect, purposes } = view;
  const changes = effect === 'write' || effect === 'financial';
  return {
    ...{ name, title, description },
    inputSchema: view.input_schema as McpTool['inputSchema'],
    outputSchema: outputSchema(view.output_schema, changes),
    annotations: {
      readOnlyHint: !changes,
      destructiveHint: changes,
      // A call that changes something carries a key: the same key has the same effect once.
      idempotentHint: true,
      openWorldHint: false,
    },
    _meta: {
      [`${metaPrefix}version`]: version,
      [`${metaPrefix}effect`]: effect,
      [`${metaPrefix}purposes`]: [...purposes],
    },
  };
}

/**
 * All that a result may be: "servers MUST provide structured results that conform to this schema",
 * and clients refuse what does not, also where it is a problem.
 */
function outputSchema(output: Json, changes: boolean): NonNullable<McpTool['outputSchema']> {
  const anyOf = changes ? [output, waitingShape, problemShape] : [output, problemShape];
  return { type: 'object', anyOf };
}

const problemShape = {
  title: 'Problem',
  description: 'RFC 9457: why the call was refused.',
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    retryable: { type: 'boolean' },
  },
};

const waitingShape = {
  title: 'Waiting',
  description: 'Nothing was done: somebody has to agree to these terms first.',
  type: 'object',
  required: ['status', 'call_id', 'proposal'],
  properties: {
    status: { const: 'waits' },
    call_id: { type: 'string' },
    proposal: {
      type: 'object',
      required: ['proposal_id', 'tool', 'waits_for', 'terms', 'expires_at'],
    },
  },
};

// What is asked -----------------------------------------------------------------------------------

function askedCall(
  params: CallToolRequest['params'],
  context: ServerContext,
  { headers }: FastifyRequest,
): AskedCall {
  const said = (key: string, header: unknown) => saidOf(context.mcpReq._meta, key, header);
  // Whoever comes back with the name of a proposal asks for the call that it stands for.
  const proposal = context.mcpReq.requestState<string>();
  const key = proposal ?? said(`${metaPrefix}idempotency-key`, headers['idempotency-key']);
  const purpose = said(`${metaPrefix}purpose`, headers['purpose']);
  const query = said(`${metaPrefix}query`, queryIn(headers));
  const traceparent = said('traceparent', headers['traceparent']) ?? '';
  const traceId = traceIdIn(traceparent);
  return {
    tool: params.name,
    arguments: (params.arguments ?? {}) as Json,
    ...(key === undefined ? {} : { idempotencyKey: checkedKey(key) }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(query === undefined ? {} : { query: query.slice(0, queryMaxChars) }),
    ...(traceId === undefined ? {} : { traceId }),
    door: 'mcp',
    signal: context.mcpReq.signal,
  };
}

/** What `_meta` says goes before the header, which says it of any message. */
function saidOf(
  meta: Readonly<Record<string, unknown>> | undefined,
  key: string,
  header: unknown,
): string | undefined {
  const value = meta?.[key] ?? header;
  if (value === undefined || typeof value === 'string') return value;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${key} is a text`);
}

// What came of it ---------------------------------------------------------------------------------

function resultOf(value: unknown): CallToolResult {
  const structuredContent = value as Record<string, unknown>;
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent };
}

/** The very problem that REST tells; only what the operator has to see is in the log. */
function problemResult(fault: Fault, { log }: FastifyRequest): CallToolResult {
  const problem: Problem = faultProblem(fault);
  if (problem.status >= 500) {
    const level = fault.retryable ? 'warn' : 'error';
    log[level]({ err: fault.cause ?? fault, code: fault.code }, fault.message);
  }
  return { ...resultOf(problem), isError: true };
}

/**
 * A client that can show something to a person is asked to, and comes back with the name of the
 * proposal; that it says yes lets nothing through: whoever has to agree does so at the bank. Other
 * clients, and one whose person does not want to wait, are told that it waits.
 */
function waitsResult(
  answer: { readonly callId: string; readonly proposal: ProposalView },
  context: ServerContext,
  proposalUrl: ToolParts['proposalUrl'],
): CallToolResult | InputRequiredResult {
  const { callId, proposal } = answer;
  const reply = inputResponse(context.mcpReq.inputResponses, question);
  const hasEnough = reply.kind === 'elicit' && reply.action !== 'accept';
  const request = hasEnough ? undefined : requestFor(proposal, context, proposalUrl);
  if (request === undefined) return resultOf({ status: 'waits', call_id: callId, proposal });
  return inputRequired({
    inputRequests: { [question]: request },
    requestState: proposal.proposal_id,
  });
}

function requestFor(
  proposal: ProposalView,
  { mcpReq }: ServerContext,
  proposalUrl: ToolParts['proposalUrl'],
): InputRequest | undefined {
  const envelope = mcpReq.envelope as Readonly<Record<string, unknown>> | undefined;
  const client = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  const elicitation = client?.elicitation;
  if (elicitation === undefined) return undefined;
  if (elicitation.url !== undefined && proposalUrl !== undefined) {
    return inputRequired.elicitUrl({ message: proposal.terms, url: proposalUrl(proposal) });
  }
  // The specification reads a bare `elicitation: {}` as forms.
  if (elicitation.form === undefined && elicitation.url !== undefined) return undefined;
  const who = proposal.waits_for === 'customer' ? 'you have' : 'the bank has';
  return inputRequired.elicit({
    message: `${proposal.terms}\n\nContinue once ${who} agreed to it at the bank.`,
    requestedSchema: { type: 'object', properties: {} },
  });
}
