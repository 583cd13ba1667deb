import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEntitlements, type Question, type Subject } from './entitlements.ts';
import { roleCatalogue } from './roles.ts';
import { entitlementSchema, shippedPolicies } from './shipped.ts';

const engine = createEntitlements({ schema: entitlementSchema, policies: shippedPolicies });
const roles = Object.keys(roleCatalogue);
const granted: Readonly<Record<string, readonly string[]>> = {
  'authenticators:write': ['operations'],
  'authenticators:read': ['auditor', 'compliance', 'operations'],
};

function answer(action: string, subject: Partial<Subject>, rules: Question['rules']) {
  const somebody: Subject = {
    principal: { kind: 'user', id: 'ann', tenant: 'bank' },
    ...{ roles: [], governed: true, region: null, customer: null, delegatedBy: null },
    ...subject,
  };
  const resource = { type: 'Tenant', id: 'bank', tenant: 'bank' } as const;
  const at = Date.parse('2026-01-05T09:00:30Z');
  const about = { action, resource, scopes: [action] };
  return engine.check({ subject: somebody, rules, epoch: 1n, at, ...about });
}

test('only operations enrols what customers prove themselves by, and few see it', () => {
  for (const [action, holders] of Object.entries(granted)) {
    const may = (role: string) => answer(action, { roles: [role] }, engine.shipped).allowed;
    assert.deepEqual(roles.filter(may).sort(), holders);
  }
});

test('no partner and no agent does, whatever its roles, and whatever a tenant permits', () => {
  const rules = engine.withRules(
    '@id("all") @reason("All.") permit (principal, action, resource);',
  );
  for (const action of Object.keys(granted)) {
    assert.equal(answer(action, {}, rules).allowed, true, 'somebody else may then');
    for (const kind of ['partner', 'agent'] as const) {
      const principal = { kind, id: 'shop', tenant: 'bank' };
      const { deciding } = answer(action, { principal, roles }, rules);
      assert.deepEqual(
        deciding.map(({ id }) => id),
        ['bank-enrols'],
      );
    }
  }
});
