// OpenAI-compatible endpoints: chat completions whose answer follows a JSON Schema.
import { countOf, type Provider } from '../model.ts';

type Answer = {
  readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown };
};

export const openai: Provider = {
  path: '/chat/completions',
  headers: (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
  body: (model, { name, instructions, data, schema, outputTokensMax }) => ({
    model,
    temperature: 0,
    max_tokens: outputTokensMax,
    messages: [
      { role: 'system', content: instructions },
      { role: 'user', content: data },
    ],
    response_format: { type: 'json_schema', json_schema: { name, schema, strict: true } },
  }),
  read(answer, { instructions, data }) {
    const { choices, usage } = answer as Answer;
    const text = choices?.[0]?.message?.content;
    if (typeof text !== 'string') return undefined;
    const inputTokens = countOf(usage?.prompt_tokens, instructions, data);
    return { text, inputTokens, outputTokens: countOf(usage?.completion_tokens, text) };
  },
};
