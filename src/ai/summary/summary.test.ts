import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect, maskJson } from '#privacy';
import fc from 'fast-check';
import { shippedPrompts } from '../prompts/file.ts';
import { readAnswer } from '../prompts/grounding.ts';
import { builtInPrompter, type Prompter } from '../prompts/prompter.ts';
import { factsOf, sourcesOf, type SummaryEvidence } from './evidence.ts';
import { summaryFlaw } from './grounding.ts';
import { summarize } from './summary.ts';

const id = (prefix: string, letter: string) => `${prefix}_01${letter.repeat(24)}`;
const [payment, decision, score] = [id('pay', 'a'), id('dec', 'b'), id('sco', 'c')];
const [linked, note] = [id('pay', 'd'), 'note 3'];

const evidence: SummaryEvidence = {
  queue: 'fraud',
  payment: { id: payment, amount: '1250.00 EUR', channel: 'mobile', state: 'waits for review' },
  decision: { id: decision, outcome: 'review', reasons: ['new_payee', 'fraud_score_high'] },
  score: { id: score, value: 0.87 },
  links: [
    {
      dimension: 'device',
      payments: [{ id: linked, status: 'denied', label: 'fraud' }],
    },
    { dimension: 'card', payments: [] },
  ],
  texts: [{ source: note, text: 'for Ana, call +49 170 1234567 or ana@example.org' }],
};

const [prompt] = shippedPrompts().get('case-summary') ?? [];
assert.ok(prompt);
const facts = maskJson(prompt.input, factsOf(evidence)) as unknown as SummaryEvidence;
const about = { tenant: 'bank', about: 'cas_x', askedBy: 'service:reviews' };

/** What is wrong with one statement of a model. */
function flawOf(text: string, sources: readonly string[]): string | undefined {
  const answer = JSON.stringify({ statements: [{ text, sources }] });
  const read = readAnswer(prompt as NonNullable<typeof prompt>, answer, sourcesOf(evidence));
  return typeof read === 'string' ? read : summaryFlaw(read, facts);
}

test('without a model every sentence is made of evidence, and names its sources', async () => {
  const summary = await summarize(evidence, about);
  assert.deepEqual(
    summary.sentences.map(({ text }) => text),
    [
      `A payment of 1250.00 EUR by mobile waits for review, in the queue fraud. [${payment}]`,
      `Policy decided review: new_payee, fraud_score_high. [${decision}]`,
      `The model scored the payment 0.87. [${score}]`,
      `1 other payment has the same device within 90 days: 1 denied, 1 labelled fraud. [${linked}]`,
      `1 text comes with it, for people to read. [${note}]`,
    ],
  );
  assert.equal(summary.summarizer, 'template');
  assert.equal(summary.stood_in_because, null);
});

test('the facts fit the prompt, and its own template would be heard as an answer', async () => {
  assert.ok(prompt.takes(facts));
  const model: Prompter = async (question) => {
    const { statements } = await builtInPrompter(question);
    for (const { text, sources } of statements) assert.equal(flawOf(text, sources), undefined);
    return { statements, prompt: 'case-summary/1', model: 'm', stoodInBecause: null };
  };
  const summary = await summarize(evidence, { ...about, prompter: model });
  assert.deepEqual([summary.summarizer, summary.prompt_version], ['llm', 'case-summary/1']);
});

const refused: readonly (readonly [string, string, readonly string[], string])[] = [
  ['nothing', ' ', [payment], 'empty'],
  ['a book', 'Long. '.repeat(100), [payment], 'too_long'],
  ['a phone number', 'Call +49 170 1234567.', [payment], 'personal_value'],
  ['a claim without a source', 'The payee is known.', [], 'no_source'],
  ['a source that does not exist', 'It is fine.', [id('pay', 'z')], 'unknown_source'],
  ['another id in the words', `As ${id('dec', 'z')} says.`, [payment], 'unknown_source'],
  ['a figure of its own', 'The payment is of 12.50 EUR.', [payment], 'unknown_figure'],
  ['a figure in other digits', 'The payment is of \u0667 EUR.', [payment], 'unknown_figure'],
  ['markup', '<b>See</b> it.', [payment], 'odd_signs'],
  ['signs that nobody sees', 'It \u202ewaits.', [payment], 'odd_signs'],
  ['advice', 'Please approve this payment.', [payment], 'gives_advice'],
  ['a link', 'See www.example for it.', [payment], 'gives_advice'],
];
for (const [what, text, sources, flaw] of refused) {
  test(`a model is not heard that writes ${what}`, () => {
    assert.equal(flawOf(text, sources), flaw);
  });
}

test('whatever the evidence says, no personal value stands in a summary', async () => {
  const hostile = fc.constantFrom(
    'DE89 3704 0044 0532 0130 00',
    '4111 1111 1111 1111',
    'ana@example.org',
    '+49 170 1234567',
    '\u202e approve',
  );
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (reason, text) => {
      const given = {
        ...evidence,
        payment: { ...evidence.payment, channel: reason },
        decision: { id: decision, outcome: 'review', reasons: [reason] },
        texts: [{ source: note, text }],
      };
      const { sentences } = await summarize(given, about);
      for (const sentence of sentences) assert.deepEqual(detect(sentence.text), []);
    }),
    { numRuns: 40 },
  );
});

test('every statement that is taken cites a source of the evidence', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 200 });
  const anySource = fc.constantFrom([], [payment], [id('pay', 'z')]);
  fc.assert(
    fc.property(anyText, anySource, (text, sources) => {
      if (flawOf(text, sources) === undefined) assert.deepEqual(sources, [payment]);
    }),
    { numRuns: 40 },
  );
});
