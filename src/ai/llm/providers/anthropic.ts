// Anthropic's Messages API: the answer is the input of the one tool that the model has to use.
import { countOf, type Provider } from '../model.ts';

const version = '2023-06-01';
const tool = 'answer';

type Answer = {
  readonly content?: readonly { readonly type?: unknown; readonly input?: unknown }[];
  readonly usage?: { readonly input_tokens?: unknown; readonly output_tokens?: unknown };
};

export const anthropic: Provider = {
  path: '/messages',
  headers: (key) => ({
    'anthropic-version': version,
    ...(key === undefined ? {} : { 'x-api-key': key }),
  }),
  body: (model, { instructions, data, schema, outputTokensMax }) => ({
    model,
    temperature: 0,
    max_tokens: outputTokensMax,
    system: instructions,
    messages: [{ role: 'user', content: data }],
    tools: [{ name: tool, description: 'Gives the answer.', input_schema: schema }],
    tool_choice: { type: 'tool', name: tool },
  }),
  read(answer, { instructions, data }) {
    const { content, usage } = answer as Answer;
    const used = Array.isArray(content) ? content.find(({ type }) => type === 'tool_use') : null;
    if (used?.input === undefined || used.input === null) return undefined;
    const text = JSON.stringify(used.input);
    const inputTokens = countOf(usage?.input_tokens, instructions, data);
    return { text, inputTokens, outputTokens: countOf(usage?.output_tokens, text) };
  },
};
