// OpenAI-compatible endpoints: chat completions whose answer follows a JSON Schema.
import type { OpenProvider } from '../generate.ts';

export const openai: OpenProvider = async ({ baseURL, key, fetch, model }) => {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const provider = createOpenAICompatible({
    ...{ name: 'endpoint', baseURL, fetch, supportsStructuredOutputs: true },
    ...(key === undefined ? {} : { apiKey: key }),
  });
  return { model: provider(model) };
};
