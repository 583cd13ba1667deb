// A sequence: calls of tools one after another, as data, so that people approve all of it by one
// digest. To agents it is a tool; each of its steps is a governed call of its own.
import { Fault, type Json, nullable } from '#core';
import Type from 'typebox';
import type { Given, Tool } from './tool.ts';

export type Step = {
  /** `prepare`: by which later steps name what came of it. */
  readonly id: string;
  readonly tool: string;
  /** What has to be so before it. */
  readonly needs?: readonly Need[];
  readonly arguments: StepArguments;
  /** Takes back what it did, where a later step cannot be done. */
  readonly undo?: { readonly tool: string; readonly arguments: StepArguments };
};

/**
 * That the bank has verified who the customer is; that the customer agrees to be offered something,
 * or that AI reads his data.
 */
export const needs = ['identity', 'marketing', 'ai_data_use'] as const;
export type Need = (typeof needs)[number];

/**
 * A text that begins with `$` stands for a value: `$input/amount` of the arguments of the sequence,
 * `$prepare/proposal_id` of what a step has answered. What is not there is left out.
 */
export type StepArguments = Readonly<Record<string, Json>>;

/**
 * `stuck`: what was done could not be taken back, and people of the bank have to look at it.
 * `abandoned`: its agent did not come back within a day.
 */
export const runStatuses = [
  ...(['running', 'waits', 'undoing', 'done', 'undone', 'stuck', 'abandoned'] as const),
] as const;
export type RunStatus = (typeof runStatuses)[number];

export const stepStatuses = ['done', 'waits', 'failed', 'undone'] as const;
export type StepStatus = (typeof stepStatuses)[number];

export const runId = Type.String({ pattern: '^seq_[0-9a-hjkmnp-tv-z]{26}$' });
export const sequenceSchemas = { runId };
const output = Type.Object(
  {
    run_id: runId,
    status: Type.Enum([...runStatuses], {
      description: 'Of one that waits: call again with the same arguments and key.',
    }),
    steps: Type.Array(
      Type.Object({
        step: Type.String(),
        tool: Type.String(),
        status: Type.Enum([...stepStatuses]),
        call_id: nullable(Type.String()),
        output: Type.Unknown({ description: 'What the tool has answered; null where it is long.' }),
      }),
    ),
    proposal: Type.Unknown({ description: 'Which has to be agreed to first, where it waits.' }),
    problem: Type.Unknown({ description: 'Why it could not be done, where it could not.' }),
  },
  { additionalProperties: false },
);

export type Declared = Pick<
  Tool,
  'name' | 'title' | 'description' | 'version' | 'owner' | 'purposes' | 'input'
> & { readonly steps: readonly Step[] };

/** It changes nothing by itself: its steps do, each as far as policy lets it. */
export function sequence(declared: Declared): Tool {
  return { ...declared, ...{ effect: 'draft', cost: 1, output }, run: (call) => call.follow() };
}

/** What earlier steps have answered, by their ids, and `input`. */
export type Known = Readonly<Record<string, Json | undefined>>;

export function argumentsOf(declared: StepArguments, known: Known): Given {
  const filled = Object.entries(declared).map(
    ([name, value]) => [name, filledIn(value, known)] as const,
  );
  return Object.fromEntries(filled.filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

function filledIn(value: Json, known: Known): Json | undefined {
  if (typeof value !== 'string' || !value.startsWith('$')) return value;
  const [from = '', ...path] = value.slice(1).split('/');
  let found: Json | undefined = known[from];
  for (const name of path) {
    const isObject = typeof found === 'object' && found !== null && !Array.isArray(found);
    found =
      isObject && Object.hasOwn(found as object, name) ? at(found as Fields, name) : undefined;
  }
  return found;
}

type Fields = { readonly [name: string]: Json };

function at(fields: Fields, name: string): Json | undefined {
  return fields[name];
}

/** What cannot come right by trying again. */
export function isFinal(error: unknown): error is Fault {
  return error instanceof Fault && !error.retryable;
}
