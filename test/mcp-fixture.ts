// The tools that the conformance suite of MCP calls by their names, as tools of a governed gateway.
import { Fault, type Json } from '#core';
import type { GatewayCaller, Tool } from '#gateway';
import {
  inputRequired,
  inputResponse,
  type InputRequest,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';

/** What a tool of the fixture is given beyond what governed tools are: the exchange itself. */
export type FixtureCall = {
  readonly context: ServerContext;
  /** Asks the client within the stream of its call, as revisions up to 2025-11-25 may. */
  readonly ask: (method: string, params: object) => Promise<Json>;
};

type FixtureTool = {
  readonly input?: Json;
  readonly run: (call: FixtureCall & { readonly given: Given }) => Promise<object> | object;
};
type Given = Readonly<Record<string, Json>>;

/** Told to the client as it stands, rather than as the output of a tool; or as an error. */
export type Raw = { readonly raw: object } | { readonly refused: string };

function raw(result: object): Raw {
  return { raw: result };
}

export const fixtureCaller: GatewayCaller = {
  principal: { kind: 'agent', id: 'conformance', tenant: 'bank' },
  subject: {} as GatewayCaller['subject'],
  rules: {} as GatewayCaller['rules'],
  epoch: 1n,
};

export function toolsOfFixture(callOf: () => FixtureCall): readonly Tool[] {
  return Object.entries(fixtureTools).map(([name, { input = object({}), run }]) => ({
    ...{ name, title: name, description: `For the scenario of ${name}.`, version: 1 },
    ...{ owner: 'conformance', effect: 'read', cost: 1, purposes: ['servicing'] },
    ...{ input: Type.Unsafe(input as object), output: Type.Object({}) },
    run: async (call) => (await run({ ...callOf(), given: call.arguments })) as Json,
  }));
}

export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const silence = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const image = { type: 'image', data: pixel, mimeType: 'image/png' };
const stepMs = 50;

const fixtureTools: Readonly<Record<string, FixtureTool>> = {
  test_simple_text: { run: () => ({ text: 'This is a simple text response for testing.' }) },
  test_image_content: { run: () => raw({ content: [image] }) },
  test_audio_content: {
    run: () => raw({ content: [{ type: 'audio', data: silence, mimeType: 'audio/wav' }] }),
  },
  test_embedded_resource: {
    run: () =>
      raw({ content: [embedded('test://embedded-resource', 'text/plain', 'A resource.')] }),
  },
  test_multiple_content_types: {
    run: () => {
      const data = embedded('test://mixed-content-resource', 'application/json', '{"test":"data"}');
      return raw({ content: [text('Multiple content types test:'), image, data] });
    },
  },
  test_error_handling: {
    run: () => {
      throw new Fault('conflict', 'This tool intentionally returns an error for testing');
    },
  },
  test_tool_with_logging: { run: ({ context }) => log(context) },
  test_logging_tool: { run: ({ context }) => log(context) },
  test_tool_with_progress: { run: ({ context }) => report(context) },
  test_sampling: {
    input: object({ prompt: { type: 'string' } }),
    run: async ({ ask, given: { prompt = '' } }) => {
      const message = { role: 'user', content: text(String(prompt)) };
      const reply = await ask('sampling/createMessage', { messages: [message], maxTokens: 100 });
      return { reply };
    },
  },
  test_elicitation: {
    input: object({ message: { type: 'string' } }),
    run: async ({ ask, given: { message = '' } }) => {
      const requestedSchema = object({ response: { type: 'string' } });
      return { reply: await ask('elicitation/create', { message, requestedSchema }) };
    },
  },
  test_elicitation_sep1034_defaults: {
    run: async ({ ask }) => ({ reply: await ask('elicitation/create', form(defaults)) }),
  },
  test_elicitation_sep1330_enums: {
    run: async ({ ask }) => ({ reply: await ask('elicitation/create', form(choices())) }),
  },
  test_missing_capability: {
    run: () => raw(inputRequired({ inputRequests: { sample: sampling() } })),
  },
  test_streaming_elicitation: { run: ({ context }) => once(context, { name: asking('name') }) },
  test_input_required_result_elicitation: {
    run: ({ context }) => once(context, { user_name: asking('name') }),
  },
  test_input_required_result_sampling: {
    run: ({ context }) => once(context, { capital_question: sampling() }),
  },
  test_input_required_result_list_roots: {
    run: ({ context }) => once(context, { client_roots: inputRequired.listRoots() }),
  },
  test_input_required_result_request_state: {
    run: ({ context }) => stateful(context, 'confirm'),
  },
  test_input_required_result_tampered_state: {
    run: ({ context }) => stateful(context, 'confirm'),
  },
  test_input_required_result_multiple_inputs: {
    run: ({ context }) => {
      const roots = inputRequired.listRoots();
      const all = { user_name: asking('name'), greeting: sampling(), client_roots: roots };
      return once(context, all, 'several');
    },
  },
  test_input_required_result_multi_round: {
    run: ({ context }) => {
      const round = Number(context.mcpReq.requestState<string>() ?? '1');
      const question = `step${round}`;
      if (!isAnswered(context, question))
        return require({ [question]: asking('name') }, `${round}`);
      if (round === 2) return { text: 'both steps are done' };
      return require({ step2: asking('color') }, '2');
    },
  },
  test_input_required_result_capabilities: {
    run: () => raw(inputRequired({ inputRequests: { sample: sampling() } })),
  },
  json_schema_2020_12_tool: { input: richSchema(), run: () => ({ text: 'fits' }) },
};

// Within a call -----------------------------------------------------------------------------------

async function log({ mcpReq }: ServerContext): Promise<object> {
  for (const step of ['started', 'at work', 'completed']) {
    await mcpReq.log('info', `The tool is ${step}`);
    await sleep(stepMs);
  }
  return { text: 'logged' };
}

async function report({ mcpReq }: ServerContext): Promise<object> {
  const progressToken = mcpReq._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      const params = { progressToken, progress, total: 100 };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    await sleep(stepMs);
  }
  return { text: 'reported' };
}

/** Asks until every question has an answer of its own kind. */
function once(context: ServerContext, all: Record<string, InputRequest>, state?: string): object {
  const open = Object.keys(all).filter((question) => !isAnswered(context, question));
  return open.length === 0 ? { text: 'answered' } : require(all, state);
}

function stateful(context: ServerContext, question: string): object {
  const state = context.mcpReq.requestState<string>();
  if (state !== undefined && state !== 'the-state') {
    return { refused: 'the state is not one of this server' } satisfies Raw;
  }
  const isDone = state !== undefined && isAnswered(context, question);
  return isDone ? { text: 'state-ok' } : require({ [question]: asking('ok') }, 'the-state');
}

function isAnswered({ mcpReq }: ServerContext, question: string): boolean {
  return inputResponse(mcpReq.inputResponses, question).kind !== 'missing';
}

function require(inputRequests: Record<string, InputRequest>, requestState?: string): object {
  const state = requestState === undefined ? {} : { requestState };
  return raw(inputRequired({ inputRequests, ...state }));
}

// What the suite looks for ------------------------------------------------------------------------

function asking(field: string): InputRequest {
  const shown = field === 'ok' ? { type: 'boolean' as const } : { type: 'string' as const };
  const requestedSchema = { type: 'object' as const, properties: { [field]: shown } };
  return inputRequired.elicit({ message: `What is your ${field}?`, requestedSchema });
}

function sampling(): InputRequest {
  const content = { type: 'text' as const, text: 'What is the capital of France?' };
  return inputRequired.createMessage({ messages: [{ role: 'user', content }], maxTokens: 100 });
}

export function text(value: string) {
  return { type: 'text', text: value } as const;
}

export function embedded(uri: string, mimeType: string, value: string) {
  return { type: 'resource', resource: { uri, mimeType, text: value } } as const;
}

function object(properties: { readonly [name: string]: Json }) {
  return { type: 'object', properties, required: Object.keys(properties) };
}

function form(properties: { readonly [name: string]: Json }) {
  const message = 'Please look through these fields.';
  return { message, requestedSchema: { type: 'object', properties } };
}

const defaults = {
  // The suite compares the value: it is that of SEP-1034.
  name: { type: 'string', default: ['John', 'Doe'].join(' ') },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};

function choices() {
  const options = ['option1', 'option2', 'option3'];
  const titled = ['First', 'Second', 'Third'].map((title, at) => ({ const: `value${at}`, title }));
  return {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: options, enumNames: ['First', 'Second', 'Third'] },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  };
}

function richSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    ...{ type: 'object', additionalProperties: false },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // A keyword of JSON Schema, and no promise.
    ...JSON.parse('{ "then": { "required": ["phone"] } }'),
    else: { required: ['email'] },
  };
}
