// Prompts as they are read: what of each is approved, its versions with their text, and its acts.
import { type Instant, instantToText, type Page, pageOf } from '#core';
import type pg from 'pg';
import { approvedPrompt, lastAct, type PromptAct, readActs } from './acts.ts';
import { spentToday } from './budget.ts';
import type { Prompt, Prompts } from './file.ts';
import { promptSubject } from './registry.ts';

/** For how long an approval that the registry proposes may be waited for. */
const approvalLifeMs = 14 * 86_400_000;

export type PromptContext = {
  readonly prompts: Prompts;
  /** The language model that is configured. */
  readonly model: string | undefined;
  readonly at: Instant;
};

export type PromptView = Awaited<ReturnType<typeof viewOf>>;

/** By name: files, so there are few. */
export async function listPrompts(
  tx: pg.ClientBase,
  { limit, after = '', ...context }: PromptContext & { limit: number; after?: string | undefined },
): Promise<Page<PromptView>> {
  const names = [...context.prompts.keys()].filter((name) => name > after).sort();
  const views: PromptView[] = [];
  for (const name of names.slice(0, limit + 1)) views.push(await viewOf(tx, name, context));
  return pageOf(views, limit, ({ name }) => name);
}

/** With its versions, the newest first; undefined for one that does not ship. */
export async function readPrompt(tx: pg.ClientBase, name: string, context: PromptContext) {
  const versions = context.prompts.get(name);
  if (versions === undefined) return undefined;
  const view = await viewOf(tx, name, context);
  const told = versions.map((prompt) => versionView(prompt, context)).reverse();
  return { ...view, versions: told, spent_today: await spentToday(tx, name, context.at) };
}

async function viewOf(tx: pg.ClientBase, name: string, { prompts, model }: PromptContext) {
  const newest = prompts.get(name)?.at(-1);
  const act = await lastAct(tx, name);
  const found = model === undefined ? 'no_model' : approvedPrompt(prompts, act, model);
  return {
    name,
    purpose: newest?.purpose ?? '',
    newest: newest?.version ?? 0,
    model: model ?? null,
    // Who answers: the model with this version, or the built-in one, and why.
    used: typeof found === 'string' ? null : found.version,
    unused_because: typeof found === 'string' ? found : null,
    last_act: act === undefined ? null : actView(act),
  };
}

function versionView(prompt: Prompt, { model, at }: PromptContext) {
  const { name, version, digest, instructions, tools, input, output, bounds } = prompt;
  const proposed = model === undefined ? null : promptSubject({ name, version, digest, model });
  return {
    ...{ version, digest, instructions, tools, input, output, bounds },
    approval: proposed && {
      subject_kind: 'prompt.approve',
      subject: proposed,
      summary: `Let ${proposed.model} answer version ${version} of ${name}`,
      required_checkers: 1,
      expires_at: instantToText(at + approvalLifeMs),
    },
  };
}

export function actView({ approvalId, actedBy, recordedAt, ...act }: PromptAct) {
  const recorded_at = instantToText(recordedAt);
  return { ...act, approval_id: approvalId, acted_by: actedBy, recorded_at };
}

/** The newest first. */
export async function listPromptActs(
  tx: pg.ClientBase,
  query: { readonly name: string; readonly limit: number; readonly before?: number | undefined },
): Promise<Page<ReturnType<typeof actView>>> {
  const acts = await readActs(tx, { ...query, limit: query.limit + 1 });
  return pageOf(acts.map(actView), query.limit, ({ ordinal }) => String(ordinal));
}
