// Conditions in words: `>= 1000000` of an amount is `≥ 10,000.00 EUR`. What is not simple is shown
// as it is written; the text itself always stands beside the words.
import { amountText, type Exponents } from '../../parts/money.tsx';
import { wordsOf } from '../../parts/state.tsx';
import type { Bundle, Limit } from './shape.ts';

/** In what the numbers of a bundle are told. */
export type Speech = {
  /** The words for a value that something of this name is held against. */
  readonly value: (name: string, literal: string) => string | undefined;
};

/** Of a list, these are shown; the rest is counted. */
const listShown = 8;
const signs: Readonly<Record<string, string>> = {
  '==': 'is',
  '!=': 'is not',
  '>=': '≥',
  '<=': '≤',
  '>': '>',
  '<': '<',
};

/**
 * An integer counts in minor units where its description says so, and in those of the home currency
 * where it says that, and the bundle names one. Other currencies are known with the payment only.
 */
export function speechOf(bundle: Bundle, exponents: Exponents | undefined): Speech {
  const { facts, nodes = {} } = bundle;
  const home = literalOf(nodes['home_currency']);
  const unitOf = (name: string) => {
    const about = (facts[name] ?? nodes[name])?.description ?? '';
    // Not what counts in parts of it, such as millionths.
    if (/\bin (?:minor units of )?the home currency\b(?!')/i.test(about)) return home ?? 'minor';
    return /\bin minor units\b/i.test(about) ? 'minor' : undefined;
  };
  return {
    value(name, literal) {
      const text = plainValue(literal);
      if (text === undefined || !/^-?\d+$/.test(literal)) return text;
      const unit = unitOf(name);
      const grouped = Number(literal).toLocaleString('en');
      if (unit === undefined) return grouped;
      const exponent = unit === 'minor' ? undefined : exponents?.get(unit);
      if (exponent === undefined) return `${grouped} minor units`;
      return `${amountText(Number(literal), exponent)} ${unit}`;
    },
  };
}

function literalOf(node: NonNullable<Bundle['nodes']>[string] | undefined): string | undefined {
  return node?.kind === 'formula' ? /^'([A-Z]{3})'$/.exec(node.value)?.[1] : undefined;
}

/** A literal or a name as people read it; undefined for what is worked out. */
function plainValue(literal: string): string | undefined {
  const quoted = /^'([^'\\]*)'$|^"([^"\\]*)"$/.exec(literal);
  if (quoted) return wordsOf(quoted[1] ?? quoted[2] ?? '');
  if (/^-?\d+(?:\.\d+)?$/.test(literal)) return literal;
  return /^[a-z][a-z0-9_]*$/.test(literal) ? wordsOf(literal) : undefined;
}

/** What a cell asks of its column, in words; undefined where only its text says it. */
export function cellWords(key: string, cell: string, speech: Speech): string | undefined {
  if (/[()]|\|\|/.test(cell)) return undefined;
  const parts = cell.split(/\s*&&\s*/);
  const words = parts.map((part, index) => {
    if (index === 0) return partWords(key, part, speech);
    return part.startsWith(`${key} `) ? partWords(key, part.slice(key.length), speech) : undefined;
  });
  return words.includes(undefined) ? undefined : words.join(' and ');
}

function partWords(key: string, part: string, speech: Speech): string | undefined {
  const list = /^\s*in\s+\[(.*)\]\s*$/.exec(part);
  if (list) {
    const items = (list[1] ?? '').split(/\s*,\s*/).map((item) => speech.value(key, item.trim()));
    if (items.includes(undefined)) return undefined;
    const rest = items.length - listShown;
    const shown = items.slice(0, rest > 1 ? listShown : items.length).join(', ');
    const more = rest > 1 ? ` and ${rest} more` : '';
    return items.length === 1 ? `is ${shown}` : `is one of ${shown}${more}`;
  }
  const found = /^\s*(==|!=|>=|<=|>|<)\s*(\S.*?)\s*$/.exec(part);
  if (!found) return undefined;
  const [, sign = '', literal = ''] = found;
  if (literal === 'true' || literal === 'false') {
    return (literal === 'true') === (sign === '==') ? 'yes' : 'no';
  }
  const value = speech.value(key, literal);
  return value === undefined ? undefined : `${signs[sign]} ${value}`;
}

/** `by_customer` reads `by customer`; a formula stays as it is. */
export function keyWords(key: string): string {
  return /^[a-z][a-z0-9_]*$/.test(key) ? wordsOf(key) : key;
}

/** A value that a table or a limit gives: one, or one of two by a condition. */
export function valueWords(name: string, text: string, speech: Speech): string {
  const [, key = '', cell = '', first = '', other = ''] =
    /^([a-z]\w*) ((?:==|!=|[<>]=?|in) [^?:]+?) \? (\S+) : (\S+)$/.exec(text) ?? [];
  const [when, one, two] = [
    cellWords(key, cell, speech),
    speech.value(name, first),
    speech.value(name, other),
  ];
  if (when && one && two) return `${one} if ${keyWords(key)} ${when}, otherwise ${two}`;
  return speech.value(name, text) ?? text;
}

const spans = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

export function windowWords(window: Limit['window']): string {
  if (window.kind === 'calendar') return `in a ${window.unit} (${window.time_zone})`;
  const [unit, size] = spans.find(([, each]) => window.seconds % each === 0) ?? ['second', 1];
  const count = window.seconds / size;
  return `within any ${count === 1 ? '' : `${count} `}${unit}${count === 1 ? '' : 's'}`;
}

type Obligations = Bundle['rules'][number]['obligations'];

export function obligationWords({ step_up, review_queue, approvals }: NonNullable<Obligations>) {
  return [
    step_up && `asks the customer for ${step_up.map(wordsOf).join(', ')}`,
    review_queue && `goes to the queue ${wordsOf(review_queue)}`,
    approvals && (approvals === 1 ? 'one person approves' : `${approvals} people approve`),
  ].filter((each): each is string => typeof each === 'string');
}
