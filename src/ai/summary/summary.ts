// Summary of a case: by a template, or by a model whose every sentence is checked against evidence.
import { builtInPrompter, type Prompter } from '../prompts/prompter.ts';
import type { Statement } from '../prompts/grounding.ts';
import { factsOf, sourcesOf, type SummaryEvidence } from './evidence.ts';
import { summaryFlaw } from './grounding.ts';
import { statementsOf, templateVersion } from './template.ts';

export type Sentence = Statement;

export type Summary = {
  readonly summarizer: 'template' | 'llm';
  readonly prompt_version: string;
  readonly model: string | null;
  /** Why the template stands in for a model that is configured. */
  readonly stood_in_because: string | null;
  readonly sentences: readonly Sentence[];
};

export type Summarizing = {
  readonly tenant: string;
  /** The id of the case. */
  readonly about: string;
  readonly askedBy: string;
  readonly prompter?: Prompter;
};

/** What is read is masked first, so neither summarizer can tell what it never saw. */
export async function summarize(
  evidence: SummaryEvidence,
  { prompter = builtInPrompter, ...of }: Summarizing,
): Promise<Summary> {
  const answer = await prompter({
    ...of,
    prompt: 'case-summary',
    facts: factsOf(evidence),
    sources: sourcesOf(evidence),
    template: statementsOf,
    check: summaryFlaw,
  });
  return {
    summarizer: answer.prompt === null ? 'template' : 'llm',
    prompt_version: answer.prompt ?? templateVersion,
    model: answer.model,
    stood_in_because: answer.stoodInBecause,
    sentences: answer.statements.map(cite),
  };
}

/** The sources stand behind the sentence as well: whoever copies the words copies them. */
function cite({ text, sources }: Statement): Sentence {
  return { text: `${text} ${sources.map((id) => `[${id}]`).join(' ')}`, sources };
}
