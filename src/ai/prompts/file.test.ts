import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parsePrompt, shippedPrompts } from './file.ts';

const file = readFileSync(new URL('../../../prompts/case-summary/1.md', import.meta.url), 'utf8');

test('a prompt is named by its whole text, whatever the line breaks', () => {
  const [shipped] = shippedPrompts().get('case-summary') ?? [];
  assert.equal(parsePrompt(file).digest, shipped?.digest);
  assert.equal(parsePrompt(file.replaceAll('\n', '\r\n')).digest, shipped?.digest);
  assert.notEqual(parsePrompt(file.replace('no opinion', 'an opinion')).digest, shipped?.digest);
  assert.notEqual(parsePrompt(file.replace('5000', '5001')).digest, shipped?.digest);
});

test('what ships sends nothing that its input does not name', () => {
  for (const { input, name } of [...shippedPrompts().values()].flat()) {
    const open = (schema: any): boolean =>
      typeof schema === 'object' &&
      schema !== null &&
      ((schema.properties !== undefined && schema.additionalProperties !== false) ||
        Object.values(schema).some(open));
    assert.equal(open(input), false, name);
  }
});

test('a file without a whole head is no prompt', () => {
  for (const flawed of [
    '',
    'Summarize.',
    '---\n{}\n---\nSummarize.',
    '---\nname: x\n---\nSummarize.',
    file.replace('"tools": [],', ''),
    file.replace('"tools": [],', '"tools": [], "more": 1,'),
    file.replace('"output_tokens": 800', '"output_tokens": 800000'),
    file.replace('"name": "case-summary"', '"name": "../secret"'),
  ]) {
    assert.throws(() => parsePrompt(flawed), { code: 'input_invalid' });
  }
});
