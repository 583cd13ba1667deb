// Points move by the operations of their programme alone, decided on what is so: whoever tries
// another way is refused, and nobody says his own facts.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, Fault, type Json } from '#core';
import type { Executed } from '#main';
import type { Leg } from '#money';
import { approvalOf, commandSubject, readDecisions, subjectDigest } from '#policy';
import { day, move, openBank, type Tenant } from '../../../test/bank.ts';
import { openPoints, type Points } from '../../../test/points.ts';
import { openBudget } from './accounts.ts';
import { readMember } from './members.ts';
import { adjustCommand, expireCommand, fundCommand, redeemCommand } from './points.ts';
import { listLots } from './standing.ts';

const bank = await openBank({ after });
const { planes } = bank;
const program = 'everyday';
const facts = { customerPoints: 0, pointValueMicros: 10_000 };

async function openMember() {
  const tenant = await bank.tenant();
  const points = await openPoints(bank, tenant.id);
  const member = await points.enrol('cus_1');
  return { tenant, points, member };
}

function codeOf({ outcome }: Pick<Executed, 'outcome'>): string {
  return outcome.status === 'accepted' ? outcome.status : outcome.code;
}

async function decisionOn(tenant: Tenant, { commandId }: Executed) {
  const id = derivedUuid(commandId, 'decision', 0);
  const found = (await tenant.read((tx) => readDecisions(tx, [id]))).get(id);
  assert.ok(found);
  return found;
}

const inPoints = (debit: string, credit: string, points: number, more: object = {}): Leg =>
  move(debit, credit, points, { currency: 'POINTS', ...more });

test('nobody posts points directly, holds them, or reverses what moved them', async () => {
  const { tenant, points, member } = await openMember();
  const earned = await points.earn(member, 500);
  const { active } = member.accounts;
  const lot = { program, member: 'cus_1', entry: 'earn', expires_at: '2099-01-01T00:00:00Z' };
  const tries: readonly Leg[] = [
    inPoints(points.accounts.issued, active, 9_000, { metadata: lot }),
    inPoints(active, points.accounts.redeemed, 1),
    inPoints(points.accounts.issued, await tenant.open({ currency: 'POINTS' }), 5),
    inPoints(active, points.accounts.redeemed, 1, { kind: 'hold' }),
    {
      kind: 'reverse',
      transfer_id: externalId('transfer', derivedUuid(earned.commandId, 'transfer', 0)),
    },
  ];
  for (const leg of tries) {
    const tried = await tenant.execute('journal.post', { legs: [leg] });
    assert.equal(codeOf(tried), 'policy_denied', leg.kind);
    const { reasons } = await decisionOn(tenant, tried);
    assert.ok(reasons.includes('moves_by_program'), reasons.join());
  }
  // Nor does whoever says that it is a payment, or hides it behind what is none.
  const cash = await tenant.open({ type: 'asset' });
  const till = await tenant.open();
  const payment = { kind: 'transfer', channel: 'app' };
  const asPayment = await tenant.execute('journal.post', { legs: [tries[1] as Leg], payment });
  assert.equal(codeOf(asPayment), 'policy_denied');
  const legs = [move(cash, till, 5), tries[1] as Leg];
  assert.equal(codeOf(await tenant.execute('journal.post', { legs })), 'policy_denied');
  await points.fold();
  const found = await tenant.read((tx) => listLots(tx, { program, customer: 'cus_1' }, {}));
  assert.deepEqual(
    found.items.map(({ points: given, active: left }) => [given, left]),
    [[500, 500]],
  );
});

test('nobody pays in points, nor changes an account of a programme', async () => {
  const { tenant, points, member } = await openMember();
  await points.earn(member, 500);
  const { active } = member.accounts;
  const other = await tenant.open({ currency: 'POINTS' });
  const body = { legs: [inPoints(active, other, 5)], payment: { kind: 'transfer' } };
  await assert.rejects(
    tenant.execute('payment.initiate', body),
    (error: unknown) => error instanceof Fault && error.code === 'invalid_request',
  );
  for (const change of [{ bound: 'none' }, { status: 'frozen' }]) {
    const outcome = await tenant.change(active, change);
    assert.equal(codeOf({ outcome }), 'policy_denied');
  }
  assert.equal((await tenant.change(other, { status: 'frozen' })).status, 'accepted');
});

test('what is no unit of a programme is posted as before', async () => {
  const tenant = await bank.tenant();
  await tenant.execute('unit.register', { code: 'MILES', exponent: 0, name: 'Miles' });
  const [one, two] = [
    await tenant.open({ currency: 'MILES' }),
    await tenant.open({ currency: 'MILES' }),
  ];
  await tenant.ok(move(one, two, 5, { currency: 'MILES' }));
  const posted = await tenant.ok(move(one, two, 5, { currency: 'MILES' }));
  await tenant.ok({ kind: 'reverse', transfer_id: posted.transfers[0] as string });
  // Of another tenant a programme may have it.
  const other = await bank.tenant();
  await openPoints(bank, other.id, { unit: 'MILES' });
  await tenant.ok(move(one, two, 5, { currency: 'MILES' }));
});

test('who says other facts than the legs move is not heard', async () => {
  const { tenant, points, member } = await openMember();
  const honest = adjustCommand({
    ...points.moving(member, { by: { kind: 'user', id: 'mara', tenant: tenant.id } }),
    ...{ gifts: [{ points: 20_000, to: 'active' }], facts },
  });
  const body = honest.body as { legs: Json; points: object };
  const lie = {
    points: 1,
    approvals: 3,
    manager_approvals: 3,
    operation: 'mature',
    principal_kind: 'service',
  };
  const told = { ...body, points: { ...body.points, ...lie } };
  const tried = await planes.execute({ ...honest, body: told });
  assert.equal(codeOf(tried), 'policy_review');
  const { facts: heard } = await decisionOn(tenant, tried);
  assert.deepEqual(
    [heard['points'], heard['approvals'], heard['operation'], heard['principal_kind']],
    [20_000, 0, 'adjust', 'user'],
  );
});

test('no number of points is too odd to be refused', async () => {
  const { points, member } = await openMember();
  for (const many of [0, -5, 0.5, 2 ** 53, Number.NaN]) {
    assert.throws(() => redeemCommand({ ...points.moving(member), points: many }), String(many));
  }
  const much = await points.earn(member, 2 ** 53 - 1);
  assert.equal(codeOf(much), 'policy_review', 'what it is worth cannot be told');
  const gone = await points.redeem(member, 2 ** 53 - 1);
  assert.equal(codeOf(gone), 'insufficient_funds');
});

test('people keep no house, and who is suspended spends nothing', async () => {
  const { tenant, points, member } = await openMember();
  await points.earn(member, 500);
  const by = { kind: 'user', id: 'mara', tenant: tenant.id } as const;
  const lots = [{ points: 1 }];
  const expiry = await planes.execute(expireCommand({ ...points.moving(member, { by }), lots }));
  assert.equal(codeOf(expiry), 'policy_denied');
  await tenant.execute('loyalty.member.change', {
    ...{ program, customer: 'cus_1', standing: 'suspended', reason: 'under review' },
  });
  const suspended = await tenant.read((tx) => readMember(tx, program, 'cus_1'));
  assert.ok(suspended);
  assert.equal(codeOf(await points.redeem(suspended, 1)), 'policy_denied');
  assert.equal(codeOf(await points.earn(suspended, 1)), 'policy_denied');
  const due = await planes.execute(expireCommand({ ...points.moving(suspended), lots }));
  assert.equal(codeOf(due), 'accepted');
});

// Approvals ---------------------------------------------------------------------------------------

/** Asks for other people's approval of a subject as `mara`, who has it given; answers its id. */
async function approve(
  tenant: Tenant,
  subject: { readonly subject_kind: string; readonly subject_digest: string },
  checkers: readonly string[],
): Promise<string> {
  const as = (id: string, operation: string, body: Json) =>
    planes.execute({
      principal: { kind: 'user', id, tenant: tenant.id },
      ...{ operation, body, idempotencyKey: `${operation} ${id} ${subject.subject_digest}` },
    });
  const expires_at = new Date(bank.time.now + day).toISOString();
  const request = { ...subject, summary: 'points', expires_at };
  const approval_id = approvalOf((await as('mara', 'approval.request', request)).commandId);
  for (const checker of checkers) {
    await as(checker, 'approval.decide', { approval_id, verdict: 'approve', reason: 'looked at' });
  }
  return approval_id;
}

/** Of a command that policy has refused. */
async function approved(tenant: Tenant, refused: Executed, checkers: readonly string[]) {
  const { command_digest: subject_digest } = await decisionOn(tenant, refused);
  return approve(tenant, { subject_kind: commandSubject, subject_digest }, checkers);
}

/** Makes `boss` a manager of programmes. */
async function nameManager(tenant: Tenant): Promise<void> {
  const role = { principal: 'user:boss', role: 'marketing_manager' };
  const subject = { subject_kind: 'role.grant', subject_digest: subjectDigest(role) };
  const approval_id = await approve(tenant, subject, ['ben']);
  await planes.execute({
    principal: { kind: 'user', id: 'mara', tenant: tenant.id },
    ...{ operation: 'role.grant', body: { ...role, approval_id }, idempotencyKey: 'manager' },
  });
}

function given(points: Points, member: Awaited<ReturnType<Points['enrol']>>, many: number) {
  const by = { kind: 'user', id: 'mara', tenant: points.tenant } as const;
  const gifts = [{ points: many, to: 'active' as const }];
  return adjustCommand({ ...points.moving(member, { by }), gifts, facts });
}

test('above 10,000 points another person agrees, above 50,000 a manager does', async () => {
  const { tenant, points, member } = await openMember();
  await nameManager(tenant);
  assert.equal(codeOf(await planes.execute(given(points, member, 10_000))), 'accepted');
  const asked = given(points, member, 10_001);
  const refused = await planes.execute(asked);
  assert.equal(codeOf(refused), 'policy_review');
  const key = await approved(tenant, refused, ['ben']);
  const again = { ...asked, idempotencyKey: key };
  assert.equal(codeOf(await planes.execute(again)), 'accepted');
  assert.ok((await planes.execute(again)).replayed, 'once');

  const many = given(points, member, 50_001);
  const first = await planes.execute(many);
  const byAnybody = await approved(tenant, first, ['ben']);
  const looked = await planes.execute({ ...many, idempotencyKey: byAnybody });
  assert.equal(codeOf(looked), 'policy_review', 'whoever else has agreed');
  const second = await planes.execute(given(points, member, 50_002));
  const byManager = await approved(tenant, second, ['boss']);
  const done = given(points, member, 50_002);
  assert.equal(codeOf(await planes.execute({ ...done, idempotencyKey: byManager })), 'accepted');
});

test('what was seen when it was asked is looked up anew when others have agreed', async () => {
  const { tenant, points, member } = await openMember();
  const asked = given(points, member, 20_000);
  const refused = await planes.execute(asked);
  const key = await approved(tenant, refused, ['ben']);
  await points.earn(member, 700);
  await points.fold();
  await tenant.execute('loyalty.member.change', {
    ...{ program, customer: 'cus_1', standing: 'suspended', reason: 'under review' },
  });
  const tried = await planes.execute({ ...asked, idempotencyKey: key });
  assert.equal(codeOf(tried), 'policy_denied');
  const { facts: heard } = await decisionOn(tenant, tried);
  assert.deepEqual([heard['account_standing'], heard['customer_points']], ['suspended', 700]);
});

test('a budget is a matter of a manager, whoever asks for it', async () => {
  const { tenant, points } = await openMember();
  await nameManager(tenant);
  const budget = await openBudget(planes, tenant.id, { program, campaign: 'spring' });
  const by = { kind: 'user', id: 'mara', tenant: tenant.id } as const;
  const asking = (key: string) => {
    const funding = { campaign: 'spring', budget, points: 900, pointValueMicros: 500_000 };
    const { accounts } = points;
    return fundCommand({ by, key, program: accounts, reason: 'budget', ...funding });
  };
  const refused = await planes.execute(asking('fund'));
  assert.deepEqual((await decisionOn(tenant, refused)).reasons, ['budget_needs_manager']);
  const key = await approved(tenant, refused, ['boss']);
  assert.equal(codeOf(await planes.execute(asking(key))), 'accepted');
  assert.equal(Number((await tenant.balances(budget))?.booked), 900);
});
