import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, principalKinds } from '#core';
import fc from 'fast-check';
import { scopes } from '../tenants.ts';
import { readSchema } from './cedar.ts';
import {
  createEntitlements,
  purposes,
  type Question,
  resourceTypes,
  type Subject,
} from './entitlements.ts';
import { roleCatalogue } from './roles.ts';
import { entitlementSchema, shippedPolicies } from './shipped.ts';

const engine = createEntitlements({ schema: entitlementSchema, policies: shippedPolicies });
const declared = readSchema(entitlementSchema).actions;
const actions = [...declared.keys()];
const roles = Object.keys(roleCatalogue);
const monday = Date.parse('2026-01-05T09:00:30Z');

const nobody: Subject = {
  principal: { kind: 'user', id: 'ann', tenant: 'bank' },
  roles: [],
  governed: true,
  region: null,
  customer: null,
  delegatedBy: null,
};
const tenantItself = { type: 'Tenant', id: 'bank', tenant: 'bank' } as const;
const account = { type: 'Account', id: 'acc_1', tenant: 'bank', customer: 'cus_1' } as const;
const email = { type: 'Field', id: 'email', tenant: 'bank', customer: 'cus_1' } as const;

function question(subject: Partial<Subject>, more: Partial<Question> = {}): Question {
  return {
    subject: { ...nobody, ...subject },
    rules: engine.shipped,
    epoch: 1n,
    at: monday,
    action: 'account.read',
    resource: account,
    ...more,
  };
}

function may(subject: Partial<Subject>, more: Partial<Question> = {}): boolean {
  return engine.check(question(subject, more)).allowed;
}

function deciding(subject: Partial<Subject>, more: Partial<Question> = {}): string[] {
  return engine.check(question(subject, more)).deciding.map(({ id }) => id);
}

const agent = {
  principal: { kind: 'agent', id: 'copilot', tenant: 'bank' },
  roles: ['agent'],
} as const;
const customer: Subject = {
  ...nobody,
  principal: { kind: 'user', id: 'carla', tenant: 'bank' },
  roles: ['customer'],
  customer: 'cus_1',
};

// Any question at all, most of them sensible.
const tenantId = fc.oneof(
  { weight: 6, arbitrary: fc.constant('bank') },
  { weight: 1, arbitrary: fc.constantFrom('other', 'system') },
);
const subjects = fc.record({
  principal: fc.record({
    kind: fc.constantFrom(...principalKinds),
    id: fc.constantFrom('ann', 'bob', 'Tenant::"other"', 'x'),
    tenant: tenantId,
  }),
  roles: fc.uniqueArray(fc.constantFrom(...roles), { maxLength: 4 }),
  governed: fc.boolean(),
  region: fc.constantFrom(null, 'north', 'south'),
  customer: fc.constantFrom(null, 'cus_1', 'cus_2'),
  delegatedBy: fc.constantFrom(null, 'ann', 'bob'),
});
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const questions = fc
  .record({
    subject: subjects,
    action: fc.constantFrom(...actions),
    type: fc.constantFrom(...resourceTypes),
    id: fc.constantFrom('acc_1', 'email', 'pin', 'bank'),
    tenant: tenantId,
    owner: optional(fc.constantFrom('cus_1', 'cus_2')),
    region: optional(fc.constantFrom('north', 'south')),
    scopes: fc.option(fc.subarray([...scopes]), { nil: undefined, freq: 1 }),
    purpose: optional(fc.constantFrom(...purposes)),
    consents: fc.subarray(['ai_data_use', 'open_banking', 'marketing']),
    onBehalfOf: fc.option(subjects, { nil: undefined, freq: 1 }),
  })
  .map((given): Question => {
    const { type, tenant, owner, region, purpose, onBehalfOf } = given;
    return {
      subject: given.subject,
      rules: engine.shipped,
      epoch: 1n,
      at: monday,
      action: given.action,
      consents: given.consents,
      resource: {
        type,
        tenant,
        id: type === 'Tenant' ? tenant : given.id,
        ...(owner === undefined ? {} : { customer: owner }),
        ...(region === undefined ? {} : { region }),
      },
      ...(given.scopes === undefined ? {} : { scopes: given.scopes }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    };
  });
const runs = { numRuns: 400 };

test('what nobody permits is not allowed', () => {
  for (const action of actions) {
    for (const type of resourceTypes) {
      const resource = type === 'Tenant' ? tenantItself : { ...account, type };
      const answer = engine.check(question({}, { action, resource, purpose: 'servicing' }));
      assert.equal(answer.allowed, false, `${action} on ${type}`);
    }
  }
  assert.deepEqual(deciding({}), []);
  assert.equal(may({ roles: ['teller'] }, { action: 'account.burn' }), false, 'an unknown action');
  const unknown = engine.check(question({ roles: ['teller'] }, { action: 'account.burn' }));
  assert.match(unknown.errors.join(), /account\.burn.* does not exist/);
});

test('nobody reaches into another tenant, whoever asks for what', () => {
  const generous = engine.withRules(
    '@id("all") @reason("Everything.") permit (principal, action, resource);',
  );
  let allowed = 0;
  fc.assert(
    fc.property(questions, fc.boolean(), (asked, isGenerous) => {
      const answer = engine.check({ ...asked, rules: isGenerous ? generous : engine.shipped });
      if (!answer.allowed) return;
      allowed += 1;
      assert.equal(asked.resource.tenant, asked.subject.principal.tenant);
      const { principal } = asked.onBehalfOf ?? asked.subject;
      assert.equal(asked.resource.tenant, principal.tenant);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(allowed > 20, `some of it is allowed: ${allowed}`);
});

test('one more forbid never allows more', () => {
  const conditions = fc.constantFrom(
    'true',
    'principal.governed',
    'principal has region && principal.region == "north"',
    'context has purpose && context.purpose == Purpose::"fraud"',
    'context.consents.contains("marketing")',
    'resource is Account',
  );
  const heads = fc.constantFrom(
    'principal, action, resource',
    'principal in Role::"teller", action, resource',
    'principal, action in Action::"ledger:read", resource',
    'principal is Agent, action == Action::"tool.call", resource',
  );
  fc.assert(
    fc.property(questions, heads, conditions, (asked, head, condition) => {
      const rule = `@id("more") @reason("Stricter.") forbid (${head}) when { ${condition} };`;
      fc.pre(!(rule.includes('tool.call') && condition === 'resource is Account'));
      const rules = engine.withRules(rule);
      const stricter = engine.check({ ...asked, rules }).allowed;
      assert.ok(!stricter || engine.check(asked).allowed);
    }),
    runs,
  );
});

test('the scopes of a key bound what its principal may do, and give nothing', () => {
  assert.equal(may({ roles: ['teller'] }, { scopes: ['ledger:read'] }), true);
  assert.equal(may({ roles: ['teller'] }, { scopes: ['events:read'] }), false);
  assert.equal(may({}, { scopes: [...scopes] }), false);
  fc.assert(
    fc.property(questions, (asked) => {
      const { scopes: _, ...unbounded } = asked;
      assert.ok(!engine.check(asked).allowed || engine.check(unbounded).allowed);
    }),
    runs,
  );
});

test('every scope of a key is a group of actions, and every role is known to the rules', () => {
  const used = new Set([...declared.values()].flatMap(({ groups }) => groups));
  assert.deepEqual([...used].sort(), [...scopes].sort());
  const schema = entitlementSchema.match(/entity Role enum \[([^\]]*)\]/)?.[1] ?? '';
  const named = [...schema.matchAll(/"(\w+)"/g)].map(([, role = '']) => role);
  assert.deepEqual(named.sort(), [...roles].sort());
});

test('who was never given a role may do what the key says; who was has only roles', () => {
  const resource = tenantItself;
  const asked = { action: 'ledger:write', resource, scopes: ['ledger:write'] };
  const service = { principal: { kind: 'service', id: 'till', tenant: 'bank' } } as const;
  assert.equal(may({ ...service, governed: false }, asked), true);
  assert.equal(may({ ...service, governed: true }, asked), false, 'a role was revoked');
  const robot = { principal: { kind: 'agent', id: 'till', tenant: 'bank' } } as const;
  assert.equal(may({ ...robot, governed: false }, asked), false, 'an agent needs a role');
});

test('an agent may do for a person what both may, with that customer alone', () => {
  const asked = { purpose: 'servicing', consents: ['ai_data_use'] } as const;
  assert.equal(may(agent, { ...asked, onBehalfOf: customer }), true);
  assert.deepEqual(deciding(agent, asked), ['agents-act-for-a-person']);
  const others = { ...account, customer: 'cus_2' };
  assert.deepEqual(deciding(agent, { ...asked, onBehalfOf: customer, resource: others }), [
    'own-customer-only',
  ]);
  const revoked = { ...customer, roles: [] };
  assert.equal(may(agent, { ...asked, onBehalfOf: revoked }), false, 'the person may not');
  assert.equal(may({ ...agent, roles: [] }, { ...asked, onBehalfOf: customer }), false);
  const stranger = { ...nobody, governed: false };
  assert.equal(may(agent, { ...asked, onBehalfOf: stranger }), false, 'a name is no person');
  assert.deepEqual(deciding(agent, { onBehalfOf: customer, consents: [] }), ['ai-consent']);
  const bound = { ...agent, delegatedBy: 'ben' };
  assert.deepEqual(deciding(bound, { ...asked, onBehalfOf: customer }), [
    'agents-act-for-their-person',
  ]);
  const pays = { ...asked, onBehalfOf: customer, action: 'transfer.post' };
  assert.deepEqual(deciding(agent, pays), ['agents-propose']);
  const asAgent = { ...nobody, ...agent };
  assert.equal(may(agent, { ...asked, onBehalfOf: asAgent }), false, 'an agent is no person');
  fc.assert(
    fc.property(questions, (given) => {
      if (given.onBehalfOf === undefined || !engine.check(given).allowed) return;
      const { onBehalfOf, scopes: _, ...rest } = given;
      assert.ok(engine.check({ ...rest, subject: onBehalfOf }).allowed);
      const { customer: owner } = onBehalfOf;
      const { type, id, customer: whose } = given.resource;
      if (owner === null || !['Customer', 'Account', 'Field'].includes(type)) return;
      assert.equal(type === 'Customer' ? id : whose, owner);
    }),
    runs,
  );
});

test('agents govern nothing, whatever rules a tenant writes', () => {
  const generous = engine.withRules(
    '@id("all") @reason("Everything.") permit (principal, action, resource);',
  );
  for (const action of ['policy:approve', 'policy:write', 'admin', 'role.grant', 'ledger:write']) {
    const asked = { action, resource: tenantItself, rules: generous };
    assert.equal(may(agent, asked), false, action);
  }
});

test('personal data is read for a purpose that admits it', () => {
  const teller = { roles: ['teller'] };
  const raw = { action: 'field.read', resource: email };
  assert.equal(may(teller, { ...raw, purpose: 'servicing' }), true);
  assert.deepEqual(deciding(teller, raw), ['purpose-needed', 'purpose-of-data-as-it-is']);
  assert.equal(may(teller, { ...raw, purpose: 'analytics' }), false);
  const marketing = { ...raw, action: 'field.read_masked', purpose: 'marketing' } as const;
  assert.deepEqual(deciding(teller, marketing), ['marketing-consent']);
  assert.equal(may(teller, { ...marketing, consents: ['marketing'] }), true);
  assert.equal(may({ roles: ['auditor'] }, { ...raw, purpose: 'servicing' }), false);
  assert.equal(may({ roles: ['auditor'] }, { ...raw, purpose: 'audit' }), true);
});

test('each caller sees the fields of its class: as they are, masked, or not at all', () => {
  const classes = ['email', 'national_id', 'pin'] as const;
  const seen = (subject: Partial<Subject>, more: Partial<Question> = {}) => {
    const { action: _, resource, ...asker } = question(subject, more);
    return Object.values(engine.visibleFields(asker, resource, classes)).join(' ');
  };
  assert.equal(seen({ roles: ['teller'] }, { purpose: 'servicing' }), 'full masked hidden');
  assert.equal(seen({ roles: ['analyst'] }, { purpose: 'analytics' }), 'masked masked hidden');
  assert.equal(seen({ roles: ['compliance'] }, { purpose: 'compliance' }), 'full full hidden');
  assert.equal(seen({ roles: ['compliance'] }), 'hidden hidden hidden', 'without a purpose');
  assert.equal(seen(customer, { purpose: 'servicing' }), 'full full hidden');
  assert.equal(
    seen({ ...customer, customer: 'cus_2' }, { purpose: 'servicing' }).includes('full'),
    false,
  );
  const asked = { purpose: 'servicing', consents: ['ai_data_use'], onBehalfOf: customer } as const;
  assert.equal(seen(agent, asked), 'masked masked hidden', 'agents never see it as it is');
  assert.equal(
    seen(
      { roles: ['teller'], region: 'north' },
      {
        purpose: 'servicing',
        resource: { ...account, region: 'south' },
      },
    ),
    'hidden hidden hidden',
  );
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  [
    'an unknown role',
    'permit (principal in Role::"tellr", action, resource);',
    /2, column 22.*teller/,
  ],
  [
    'an unknown attribute',
    'forbid (principal, action, resource) when { principal.rank == 1 };',
    /rank/,
  ],
  [
    'what is not always there',
    'forbid (principal, action, resource) when { principal.region == "n" };',
    /region/,
  ],
  [
    'a text that is no rule',
    'permit (principal, action, resource) when { ( };',
    /line 2, column 47/,
  ],
  [
    'a rule that can never apply',
    'permit (principal, action == Action::"tool.call", resource is Account);',
    /impossible|unable/i,
  ],
  ['a slot', 'permit (principal == ?principal, action, resource);', /slot|template/i],
  [
    'too many brackets',
    `permit (principal, action, resource) when { ${'('.repeat(9_000)}`,
    /brackets/,
  ],
  [
    'too many words and signs',
    `permit (principal, action, resource) when { ${'true || '.repeat(900)} true };`,
    /words and signs/,
  ],
];

for (const [what, rule, detail] of refused) {
  test(`a rule with ${what} is refused with its place and the reason`, () => {
    const text = `@id("mine") @reason("é: two bytes, one column.")\n${rule}`;
    assert.throws(() => engine.withRules(text), isRefusal(detail));
    assert.equal(may({ roles: ['teller'] }), true, 'and the engine goes on');
  });
}

test('a rule needs a name of its own and a reason', () => {
  const rule = 'forbid (principal, action, resource);';
  assert.throws(() => engine.withRules(rule), isRefusal(/line 1, column 1: .*@id/));
  assert.throws(() => engine.withRules(`@id("mine") ${rule}`), isRefusal(/@reason/));
  const named = `@id("mine") @reason("Mine.") ${rule}`;
  assert.throws(() => engine.withRules(`${named}\n${named}`), isRefusal(/two rules/));
  const taken = `@id("same-tenant") @reason("Mine.") permit (principal, action, resource);`;
  assert.throws(() => engine.withRules(taken), isRefusal(/shipped/));
});

test('rules of a tenant may speak of the time', () => {
  const rules = engine.withRules(
    `@id("office-hours") @reason("Tellers work from 8 to 18 UTC.")
     forbid (principal in Role::"teller", action, resource)
     when { context.time.toTime() < duration("8h") || context.time.toTime() >= duration("18h") };`,
  );
  const at = (text: string) => ({ rules, at: Date.parse(text) });
  assert.equal(may({ roles: ['teller'] }, at('2026-01-05T08:00:00Z')), true);
  assert.equal(may({ roles: ['teller'] }, at('2026-01-05T17:59:59Z')), true);
  assert.equal(may({ roles: ['teller'] }, at('2026-01-05T18:00:00Z')), false);
  assert.deepEqual(deciding({ roles: ['teller'] }, at('2026-01-05T07:59:59Z')), ['office-hours']);
});

test('what cannot be evaluated is not allowed, even beside a rule that permits', () => {
  const rules = engine.withRules(
    `@id("overflow") @reason("Fails.")
     forbid (principal, action, resource)
     when { 9223372036854775807 + (if principal.governed then 1 else 0) < 0 };`,
  );
  const answer = engine.check(question({ roles: ['teller'] }, { rules }));
  assert.equal(answer.allowed, false);
  assert.match(answer.errors.join(), /overflow/);
  assert.equal(may({ roles: ['teller'] }), true);
});

test('no answer outlives an epoch or the rules it was given under', () => {
  const teller = { roles: ['teller'] };
  assert.equal(may(teller, { epoch: 1n }), true);
  assert.equal(may({ roles: [] }, { epoch: 2n }), false);
  const closed = engine.withRules(
    '@id("closed") @reason("Closed.") forbid (principal, action, resource);',
  );
  assert.equal(may(teller, { epoch: 1n, rules: closed }), false);
  assert.equal(may(teller, { epoch: 1n }), true);
  const again = engine.check(question(teller));
  assert.equal(again, engine.check(question(teller)), 'the same answer is remembered');
  assert.notEqual(again, engine.check(question(teller, { epoch: 2n })), 'and asked anew');
});

function isRefusal(detail: RegExp) {
  return (error: unknown) =>
    error instanceof Fault && error.code === 'invalid_request' && detail.test(error.message);
}
