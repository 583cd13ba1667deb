// What is known of a bundle before anybody relies on it: do its own tests hold, and what do they
// leave out.
import { canonicalJson, type Json } from '#core';
import { type Flaw, parseBundle, pointer, refuseBundle } from './bundle.ts';
import { compileBundle, type Program } from './compile.ts';
import { evaluate } from './evaluate.ts';

export type Checked = {
  readonly program: Program;
  /** Rules that none of the bundle's tests makes hold. */
  readonly untested: readonly string[];
};

/** Steps times tests: what a check may cost, between two requests of others. */
const workMax = 5_000_000;

/** Parses, compiles and tests; throws `bundle_invalid` with every place and reason. */
export function checkBundle(value: Json): Checked {
  const program = compileBundle(parseBundle(value));
  refuseWork(program);
  const { flaws, held } = runTests(program);
  if (flaws.length > 0) refuseBundle(flaws);
  return { program, untested: program.rules.flatMap(({ id }) => (held.has(id) ? [] : [id])) };
}

function refuseWork({ bundle, nodes, rules, limits }: Program): void {
  const tables = nodes.flatMap((node) => (node.kind === 'table' ? node.rules : []));
  const formulas = nodes.flatMap((node) => (node.kind === 'formula' ? node : []));
  const conditions = [...tables, ...rules, ...limits].flatMap((each) => each.conditions);
  const values = [
    ...[...tables, ...formulas].map(({ value }) => value),
    ...limits.flatMap(({ key, amount, cap }) => [key, amount, cap]),
  ];
  // Equal conditions are one, which is worked out once and looked up wherever it stands.
  const steps = [...new Set(conditions), ...values].reduce(
    (sum, each) => sum + each.steps,
    conditions.length + rules.length,
  );
  const work = steps * bundle.tests.length;
  if (work <= workMax) return;
  const detail = `times ${steps} steps is ${work}: ${workMax} are the most`;
  refuseBundle([{ pointer: '/tests', detail }]);
}

function runTests(program: Program): { flaws: Flaw[]; held: ReadonlySet<string> } {
  const held = new Set<string>();
  const flaws = program.bundle.tests.flatMap((test, index) => {
    const verdict = evaluate(program, test.facts as Record<string, Json>);
    for (const rule of verdict.trace.rules) held.add(rule);
    const { outcome, reasons, limits, answers } = test.expect;
    const told = [
      difference('outcome', outcome, verdict.outcome),
      reasons && difference('reasons', reasons, verdict.reasons),
      limits &&
        difference(
          'limits',
          limits,
          verdict.consume.map(({ limit }) => limit),
        ),
      answers && difference('answers', answers as Json, verdict.answers),
    ].filter((each) => each !== undefined);
    const undeclared = Object.keys(test.facts).filter(
      (name) => !Object.hasOwn(program.bundle.facts, name),
    );
    if (undeclared.length > 0) told.push(`gives facts that are not declared: ${undeclared.join()}`);
    return told.map((detail) => ({
      pointer: pointer('tests', index),
      detail: `"${test.name}" ${detail}`,
    }));
  });
  return { flaws, held };
}

function difference(what: string, wanted: Json, found: Json): string | undefined {
  const [one, other] = [canonicalJson(wanted), canonicalJson(found)];
  return one === other ? undefined : `expects the ${what} ${one}, and it is ${other}`;
}
