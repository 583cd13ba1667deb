// An agent pays for a customer of the demo bank: it asks over MCP, the customer agrees at the bank,
// and so do people of the bank. What a letter has told the agent besides comes to nothing.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_DATA=.countersign npx node run.mjs
import { createMCPClient } from '@ai-sdk/mcp';
import { generateText, isStepCount, jsonSchema, tool } from 'ai';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tokenBy } from './authorize.mjs';
import { signIn, url } from './people.mjs';
import { model } from './planner.mjs';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const tell = (what, words) => console.log(`${what.padEnd(22)}${words}`);

// The customer lets the agent act for ten minutes; what it may do is what the bank has approved.
const customer = await signIn('customer');
const token = await tokenBy(customer);
const bank = await createMCPClient({
  transport: { type: 'http', url: `${url}/mcp`, fetch: asAgent },
});

/** Each call carries a key of its own, by which it is done once. */
function asAgent(to, init) {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  headers.set('idempotency-key', randomUUID());
  return fetch(to, { ...init, headers });
}

const ofBank = await bank.tools();
const moving = ['transfers.prepare', 'transfers.confirm'].filter((name) => name in ofBank);
tell('the agent has', `tools of the bank, among them ${moving.join(' and ')}`);

// A letter of the sports club, into which somebody has written more than the club has.
const { items: payees } = await customer.call('/v1/customer/payees');
const accountOf = (name) => payees.find((each) => each.name === name).account_id;
const club = accountOf('Sports club');
const letter = readFileSync(fileOf('letter.txt'), 'utf8')
  .replace('CLUB', club)
  .replace('STRANGER', accountOf('Power company'));

const readLetter = tool({
  description: 'Reads the letter that the customer has been sent.',
  inputSchema: jsonSchema({ type: 'object', properties: {} }),
  execute: () => letter,
});
// Models know no dots in names.
const renamed = Object.entries(ofBank).map(([name, each]) => [name.replaceAll('.', '_'), each]);
const tools = { ...Object.fromEntries(renamed), read_letter: readLetter };

const messages = [];
/** What this agent has proposed in this run; others may have proposed more. */
const proposed = new Set();
async function ask(content) {
  tell('the customer', `“${content}”`);
  messages.push({ role: 'user', content });
  const { steps, responseMessages } = await generateText({
    ...{ model, tools, messages, stopWhen: isStepCount(12), telemetry: { isEnabled: false } },
    instructions: 'You are the assistant of a customer of a bank. Pay what the customer asks for.',
  });
  messages.push(...responseMessages);
  for (const { toolName, output } of steps.flatMap((step) => step.toolResults)) {
    const { code, terms, proposal, proposal_id, status } = output.structuredContent ?? {};
    if (toolName === 'transfers_prepare' && proposal_id) proposed.add(proposal_id);
    const came = proposal ? `waits for ${proposal.waits_for}` : (code ?? status ?? sumIn(terms));
    if (toolName.startsWith('transfers')) tell(`  ${toolName}`, came);
  }
}
const sumIn = (terms = '') => terms.replace(/ from .*/, '');
const booked = async () => (await customer.call('/v1/customer')).accounts.items[0].booked;

const before = await booked();
await ask('I have a letter of my sports club. Pay them what is due.');

// At the bank, where no agent is, the customer reads who would pay whom how much.
const { items: proposals } = await customer.call('/v1/customer/proposals');
const open = proposals.filter(({ id, status }) => proposed.has(id) && status === 'open').reverse();
const wanted = open.find((each) => each.creditor_account_id === club && each.amount === 2_500);
for (const each of open) {
  const word = each === wanted ? 'confirm' : 'reject';
  const { status } = await customer.call(`/v1/customer/proposals/${each.id}/${word}`, {});
  tell('  at the bank', `${sumIn(each.terms)}: ${status}`);
}
await ask('I have read at the bank what you would do. Go on.');

// The first transfers of an agent are looked at by people of the bank, whoever has agreed.
const officer = await signIn('compliance');
const { items: approvals } = await officer.call('/v1/approvals?limit=100');
for (const { id, subject_kind, status } of approvals) {
  if (subject_kind !== 'tool.call' || status !== 'pending') continue;
  // Others wait as well; the officer has looked at this one.
  const { subject } = await officer.call(`/v1/approvals/${id}`);
  if (subject.proposal_id !== wanted?.id) continue;
  const verdict = { verdict: 'approve', reason: 'the customer pays this club every month' };
  tell(
    '  at the bank',
    `an officer: ${(await officer.call(`/v1/approvals/${id}/decide`, verdict)).status}`,
  );
}
await ask('Is it done?');
await bank.close();
tell('the account has paid', `${((before - (await booked())) / 100).toFixed(2)} EUR`);

// What the agent did is an event in the log; its receipt proves so without the bank.
const found = await officer.call('/v1/tool-calls?tool=transfers.confirm&status=passed&limit=1');
const [{ event_id, caller, on_behalf_of, purpose }] = found.items;
const { customer: party } = await customer.call('/v1/customer');
const isHis = on_behalf_of === party ? 'this customer' : 'somebody else';
tell('on record', `transfers.confirm by ${caller} for ${isHis}, for ${purpose}`);
let receipt = await officer.call(`/v1/events/${event_id}/receipt`);
for (; receipt.code === 'not_found'; await sleep(100)) {
  receipt = await officer.call(`/v1/events/${event_id}/receipt`);
}
const folder = mkdtempSync(join(tmpdir(), 'receipt-'));
const path = join(folder, 'receipt.json');
writeFileSync(path, JSON.stringify(receipt));
const verifier = fileOf('../02-receipt/verify-receipt.mjs');
const { stdout } = spawnSync(process.execPath, [verifier, path, receipt.verifier_key]);
rmSync(folder, { recursive: true });
tell('its receipt', String(stdout).replace(/ of \d+ events\n/, ''));
