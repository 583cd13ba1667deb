// A bundle as a page for people: what it looks at, what it says and why, as Markdown tables.
import type { Bundle, Conditions, Formula, Limit, Obligations, Rule, Table } from './bundle.ts';

/** The tests of the bundle are left out: they are its examples, not its rules. */
export function bundlePage(bundle: Bundle): string {
  const { nodes = {}, limits = [], answers = [] } = bundle;
  const told = answers.length > 0 ? ` Its answers: ${answers.map(code).join(', ')}.` : '';
  return [
    `## ${bundle.title}`,
    `\`${bundle.name}\`. ${bundle.description}${told}`,
    '### Rules',
    rows(
      ['Rule', 'When', 'Outcome', 'Reason'],
      bundle.rules.map((rule) => ruleRow(rule, bundle)),
    ),
    ...(limits.length > 0 ? ['### Limits', limitTable(limits)] : []),
    ...Object.entries(nodes).flatMap(([name, node]) => [`### \`${name}\``, ...nodeParts(node)]),
    '### Facts',
    rows(
      ['Fact', 'Type', 'What it says', 'If not given'],
      Object.entries(bundle.facts).map(([name, fact]) => [
        code(name),
        fact.type,
        fact.description,
        'default' in fact ? code(JSON.stringify(fact.default)) : 'review, where it is needed',
      ]),
    ),
  ].join('\n\n');
}

function ruleRow(rule: Rule, { reasons }: Bundle): string[] {
  const { id, outcome, reason, note, obligations = {} } = rule;
  const why = [reasons[reason], note && `*${note}*`].filter((part) => part !== undefined);
  return [code(id), when(rule.if), outcomeText(outcome, obligations), why.join(' ')];
}

function outcomeText(outcome: string, { step_up, review_queue, approvals }: Obligations): string {
  return [
    `**${outcome}**`,
    step_up && `asks for ${step_up.join(', ')}`,
    review_queue && `queue ${review_queue}`,
    approvals && (approvals === 1 ? 'one person approves' : `${approvals} people approve`),
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

function limitTable(limits: readonly Limit[]): string {
  return rows(
    ['Limit', 'When', 'Whose', 'Window', 'At most'],
    limits.map(({ id, key, window, measure, amount, cap, note, ...limit }) => [
      code(id),
      when(limit.if),
      code(key),
      window.kind === 'sliding' ? `${window.seconds} s` : `${window.unit} (${window.time_zone})`,
      withNote(`${code(cap)} ${measure === 'count' ? 'times' : `of ${code(amount)}`}`, note),
    ]),
  );
}

function nodeParts(node: Table | Formula): string[] {
  const about = node.description ?? '';
  if (node.kind === 'formula') return [`${about} ${code(node.value)}`.trim()];
  const entries = node.rules.map((rule) => [
    code(rule.id),
    when(rule.if),
    withNote(code(rule.value), rule.note),
  ]);
  return [`${about} ${hitText[node.hit]}`.trim(), rows(['Rule', 'When', 'Value'], entries)];
}

/** Which of a table's rules that hold count. */
export const hitText: Readonly<Record<Table['hit'], string>> = {
  unique: 'Exactly one rule holds.',
  any: 'All rules that hold agree.',
  first: 'The first rule that holds counts.',
  rule_order: 'All values of rules that hold, in the order of the rules.',
  collect: 'All values of rules that hold.',
  sum: 'The sum over the rules that hold.',
  min: 'The least of the rules that hold.',
  max: 'The greatest of the rules that hold.',
};

function withNote(text: string, note: string | undefined): string {
  return note === undefined ? text : `${text}. *${note}*`;
}

function when(conditions: Conditions | undefined): string {
  const all = Object.entries(conditions ?? {}).map(([key, cell]) => code(`${key} ${cell}`));
  return all.length === 0 ? 'always' : all.join(' and ');
}

function code(text: string): string {
  return `\`${text}\``;
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
