// Anthropic's Messages API: the answer is the input of the one tool that the model has to use.
import type { OpenProvider } from '../generate.ts';

export const anthropic: OpenProvider = async ({ baseURL, key, fetch, model }) => {
  const { createAnthropic } = await import('@ai-sdk/anthropic');
  // Without a key the library would look for one in the environment.
  const provider = createAnthropic({ baseURL, fetch, apiKey: key ?? '' });
  return {
    model: provider(model),
    // Every model of it can be made to use a tool; which of them know schemas otherwise changes.
    options: { anthropic: { structuredOutputMode: 'jsonTool' } },
  };
};
