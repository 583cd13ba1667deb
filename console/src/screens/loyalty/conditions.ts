// Conditions of programmes and actions, as far as they are simple, in words; what is not stays as it
// was written.
import { wordsOf } from '../../parts/state.tsx';

const comparisons: readonly (readonly [string, string])[] = [
  ['==', 'is'],
  ['!=', 'is not'],
  ['>=', 'is at least'],
  ['<=', 'is at most'],
  ['>', 'is more than'],
  ['<', 'is less than'],
];

/**
 * `mcc`, `in ['5811', '5812']` reads `MCC is 5811 or 5812`. Amounts are minor units: `amountOf` says
 * them as the bank writes them.
 */
export function conditionText(
  fact: string,
  cell: string,
  amountOf: (minor: number) => string = String,
): string {
  const name = fact === 'mcc' ? 'MCC' : /^[a-z_]+$/.test(fact) ? wordsOf(fact) : fact;
  const list = /^in \[([^\]]*)\]$/.exec(cell.trim());
  if (list) return `${name} is ${anyOf(list[1] ?? '')}`;
  for (const [sign, words] of comparisons) {
    if (!cell.startsWith(sign)) continue;
    const value = cell.slice(sign.length).trim();
    if (/^('[^']*'|"[^"]*"|-?\d+(\.\d+)?|true|false)$/.test(value)) {
      const said = fact === 'amount' ? amountOf(Number(value)) : unquoted(value);
      return `${name} ${words} ${said}`;
    }
  }
  return `${name} ${cell}`;
}

function anyOf(entries: string): string {
  const values = entries.split(',').map((each) => unquoted(each.trim()));
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

function unquoted(text: string): string {
  const word = text.replaceAll(/^['"]|['"]$/g, '');
  return /^[a-z_]+$/.test(word) ? wordsOf(word) : word;
}
