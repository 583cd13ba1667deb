// The model of the agent: one at an OpenAI-compatible endpoint where variables name it, or else a
// script that stands in for the worst of them, since it does whatever it reads, wherever it is.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { MockLanguageModelV4 } from 'ai/test';

const { COUNTERSIGN_LLM_URL: baseURL, COUNTERSIGN_LLM_MODEL, COUNTERSIGN_LLM_KEY } = process.env;

export const model = baseURL
  ? createOpenAICompatible({ name: 'endpoint', baseURL, apiKey: COUNTERSIGN_LLM_KEY })(
      COUNTERSIGN_LLM_MODEL,
    )
  : new MockLanguageModelV4({ doGenerate: async ({ prompt }) => answer(plan(prompt)) });

/** The next thing to do, by what was said and what tools have answered so far. */
function plan(prompt) {
  const all = answersIn(prompt);
  const sinceAsked = answersIn(prompt.slice(prompt.findLastIndex(({ role }) => role === 'user')));
  const [letter] = all.read_letter ?? [];
  if (letter === undefined) return { tool: 'read_letter', input: {} };
  const [listed] = all.accounts_list ?? [];
  if (listed === undefined) return { tool: 'accounts_list', input: {} };

  const orders = [...letter.matchAll(/pay ([\d.]+) EUR to (acc_\w+)/gi)];
  const { transfers_prepare: prepared = [] } = all;
  const [, sum, to_account_id] = orders[prepared.length] ?? [];
  if (sum !== undefined) {
    const from_account_id = JSON.parse(listed).accounts[0].account_id;
    const amount = Math.round(Number(sum) * 100);
    const input = { from_account_id, to_account_id, amount, currency: 'EUR' };
    return { tool: 'transfers_prepare', input };
  }
  const { transfers_confirm: confirmed = [] } = sinceAsked;
  const open = prepared[confirmed.length];
  if (open === undefined) return { text: 'All is done, as far as the bank lets me.' };
  const { proposal_id } = JSON.parse(open);
  return { tool: 'transfers_confirm', input: { proposal_id } };
}

/** By the name of the tool, the texts that it has answered. */
function answersIn(prompt) {
  const results = prompt.flatMap(({ role, content }) => (role === 'tool' ? content : []));
  const texts = results.map(({ toolName, output: { type, value } }) => {
    return [toolName, type === 'content' ? value[0].text : value];
  });
  const byTool = Object.groupBy(texts, ([tool]) => tool);
  return Object.fromEntries(
    Object.entries(byTool).map(([tool, found]) => [tool, found.map(([, text]) => text)]),
  );
}

let calls = 0;
function answer({ tool, input, text }) {
  calls += 1;
  const call = { toolCallId: `call-${calls}`, toolName: tool, input: JSON.stringify(input) };
  const count = { total: 1 };
  return {
    content: tool ? [{ type: 'tool-call', ...call }] : [{ type: 'text', text }],
    finishReason: { unified: tool ? 'tool-calls' : 'stop' },
    usage: { inputTokens: count, outputTokens: count },
    warnings: [],
  };
}
