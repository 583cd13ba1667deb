// Entitlements: one question under the shipped rules, asked for the first time and asked again.
import { createEntitlements, entitlementSchema, type Question, shippedPolicies } from '#policy';
import { quantile, sortedTimes } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

const questions = 20_000;
/** Fewer than are remembered. */
const warmUp = 1_000;
const fieldClasses = ['name', 'email', 'phone', 'address', 'national_id', 'pan', 'iban'];

export const entitlements: Benchmark = {
  title: 'Entitlements: a question under the shipped rules, new and repeated',
  guess: {
    uncached_p50_us: 180,
    uncached_p99_us: 350,
    repeated_p50_us: 4,
    repeated_p99_us: 10,
    on_behalf_p99_us: 700,
    visible_fields_p99_us: 2_500,
  },
  targets: {
    uncached_p99_us: { max: 500 },
    repeated_p50_us: { max: 20 },
    repeated_p99_us: { max: 20 },
  },
  async run() {
    const engine = createEntitlements({ schema: entitlementSchema, policies: shippedPolicies });
    const { shipped: rules, check, visibleFields } = engine;
    const account = (index: number): Question => ({
      subject: {
        principal: { kind: 'user', id: `user-${index % 500}`, tenant: 'bench' },
        roles: ['teller', 'analyst'],
        governed: true,
        region: 'north',
        customer: null,
        delegatedBy: null,
      },
      rules,
      epoch: 1n,
      at: 0,
      scopes: ['ledger:read', 'ledger:write'],
      purpose: 'servicing',
      action: index % 2 === 0 ? 'account.read' : 'transfer.post',
      resource: {
        type: 'Account',
        id: `acc-${index}`,
        tenant: 'bench',
        customer: `cus-${index % 5_000}`,
        region: 'north',
      },
    });
    const forAgent = (index: number): Question => {
      const { subject, ...question } = account(index);
      const customer = `cus-${index % 5_000}`;
      const { id, tenant } = subject.principal;
      return {
        ...question,
        subject: { ...subject, principal: { kind: 'agent', id, tenant }, roles: ['agent'] },
        action: 'account.read',
        consents: ['ai_data_use'],
        onBehalfOf: { ...subject, roles: ['customer'], region: null, customer },
      };
    };
    return {
      ...timed('uncached', questions, (index) => check(account(index))),
      ...timed('repeated', questions, (index) => check(account(index % warmUp))),
      ...timed('on_behalf', questions / 4, (index) => check(forAgent(index))),
      ...timed('visible_fields', questions / 10, (index) => {
        const { resource, action: _, ...asker } = account(index);
        return visibleFields(asker, { ...resource, customer: `new-${index}` }, fieldClasses);
      }),
    };
  },
};

function timed(name: string, count: number, ask: (index: number) => unknown): Figures {
  for (let index = 0; index < warmUp; index += 1) ask(index);
  const times: number[] = [];
  for (let index = warmUp; index < warmUp + count; index += 1) {
    const from = performance.now();
    ask(index);
    times.push((performance.now() - from) * 1_000);
  }
  const sorted = sortedTimes(times);
  return {
    [`${name}_p50_us`]: quantile(sorted, 0.5),
    [`${name}_p99_us`]: quantile(sorted, 0.99),
  };
}
