// What goes over the wire to Fineract, held against its published OpenAPI, in both directions.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  client,
  type Exchange,
  type FineractBank,
  withFineract,
} from '../../../test/fineract-bank.ts';
import { referenceOf } from '../adapter-contract.ts';

const file = fileURLToPath(
  new URL('../../../../shared/specs/fineract/fineract-openapi.json', import.meta.url),
);
const skip = existsSync(file) ? false : 'the published description is not beside the project';

type Schema = { readonly [name: string]: unknown };
type Operation = {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
type Description = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** Where the description itself is wrong: what it leaves out of a body, by operation. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  // It names `externalId` alone, of all that can be changed of a client.
  'PUT /v1/clients/{clientId}': ['mobileNo', 'emailAddress'],
};
/** An answer that is one object there, and a list or a text in the description. */
const misdescribed = ['POST /v1/savingsaccounts/{savingsId}/transactions/{transactionId}'];

test('requests and answers fit the published description', { skip }, () =>
  withFineract(async (bank) => {
    await journey(bank);
    const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
    const fits = checker(description);
    const seen = new Set<string>();
    for (const exchange of bank.exchanges) {
      const { name, operation } = operationOf(description, exchange);
      seen.add(name);
      const { body } = exchange.request;
      if (body !== '') {
        const schema = operation.requestBody?.content['application/json']?.schema;
        assert.deepEqual(fits(schema, body), [], `${name} is asked as described: ${body}`);
        const unknown = membersBeyond(description, schema, body);
        const known = leftOut[name] ?? [];
        assert.deepEqual(
          unknown.filter((each) => !known.includes(each)),
          [],
          name,
        );
      }
      const { status, body: told } = exchange.answer;
      const answered = operation.responses[String(status)] ?? operation.responses['default'];
      const schema = answered?.content?.['application/json']?.schema;
      if (status !== 200 || misdescribed.includes(name)) continue;
      assert.deepEqual(fits(schema, told), [], `${name} is answered as described`);
    }
    assert.ok(seen.size >= 24, [...seen].join('\n'));
  }),
);

async function journey({ adapter, account }: FineractBank): Promise<void> {
  const { operations: does, events } = adapter;
  const [debtor, creditor] = [account(1), account(2)];
  const sum = { amount: 1_050, currency: 'EUR', mark: 'deadbeef' };
  const move = { ...sum, debtor, creditor, valueDate: '2026-03-31' };
  const keyed = (key: string) => ({ id: client, key: referenceOf(key) });
  const of = { id: client };
  const [paged, hold] = [{ limit: 20 }, referenceOf('hold')];
  await does.transfer({ ...move, reference: referenceOf('move') });
  await does.reverse?.({ ...move, reference: referenceOf('back'), of: referenceOf('move') });
  await does.lookUp({ reference: referenceOf('back'), kind: 'reverse', account: debtor });
  await does.lookUp({ reference: referenceOf('never'), kind: 'transfer', account: debtor });
  await does.placeHold?.({ ...sum, reference: hold, account: debtor });
  await does.readHold?.({ id: hold, account: debtor });
  const change = { ...sum, hold, account: debtor, reference: referenceOf('release') };
  await does.releaseHold?.(change);
  await does.readParty?.(of);
  await does.listParties?.(paged);
  await does.readContactPoints?.(of);
  const email = { kind: 'email', usage: 'main', value: 'new@mail.example' } as const;
  await does.changeContactPoint?.({ ...keyed('email'), ...email });
  await does.readAccount({ id: debtor });
  await does.listAccounts?.({ ...of, ...paged });
  await does.listEntries?.({ id: debtor, ...paged });
  await does.readProduct?.({ id: 'savings-1' });
  await does.readProduct?.({ id: 'loan-2' });
  await does.listProducts?.(paged);
  await does.listGeneralLedger?.(paged);
  const terms = { product: 'loan-2', amount: 500_000, currency: 'EUR', months: 24 };
  const loan = await does.applyForLoan?.({ ...keyed('loan'), ...terms });
  await does.readLoanApplication?.({ id: loan?.id ?? '' });
  const offer = { product: 'loan-2', code: 'SPRING', status: 'offered', validFrom: '2026-03-31' };
  await does.recordOffer?.({ ...keyed('offer'), ...offer, status: 'offered' });
  await does.listOffers?.({ ...of, ...paged });
  await does.recordLoyalty?.({ ...keyed('points'), points: 40, tier: 'gold' });
  await does.recordLoyalty?.({ ...keyed('more points'), points: 50, tier: 'gold' });
  await does.readLoyalty?.(of);
  const call = { channel: 'phone', direction: 'inbound', summary: 'asked for a loan' } as const;
  await does.recordInteraction?.({ ...keyed('call'), ...call });
  await does.recordAiAudit?.({ ...keyed('audit'), what: 'offer', decision: 'allowed', by: 'm1' });
  await events?.poll?.(paged);
}

// The description ---------------------------------------------------------------------------------

function operationOf(description: Description, { request }: Exchange) {
  const path = request.path.replace('/fineract-provider/api', '');
  const parts = path.split('/');
  const found = Object.keys(description.paths)
    .filter((each) => {
      const wanted = each.split('/');
      const isLong = wanted.length === parts.length;
      return isLong && wanted.every((part, at) => part.startsWith('{') || part === parts[at]);
    })
    .sort((a, b) => a.split('{').length - b.split('{').length)[0];
  const operation = found && description.paths[found]?.[request.method.toLowerCase()];
  assert.ok(found && operation, `the description has no ${request.method} ${path}`);
  return { name: `${request.method} ${found}`, operation };
}

/** Days are arrays in answers, whatever the description says; and texts where it has them. */
const dayArray = { type: 'array', items: { type: 'integer' }, minItems: 3, maxItems: 3 };

function checker({ components }: Description) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const schemas = adapted(components) as Schema;
  ajv.addSchema({ $id: 'fineract', components: schemas });
  const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>();
  return (schema: Schema | undefined, text: string): readonly string[] => {
    // A bare text is said of whatever nobody has described.
    if (schema === undefined || schema['type'] === 'string') return [];
    const known = compiled.get(schema);
    const validate = known ?? ajv.compile(adapted(schema) as Schema);
    compiled.set(schema, validate);
    if (validate(JSON.parse(text))) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

function adapted(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(adapted);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { type, format } = schema as Schema;
  if (type === 'string' && format === 'date') return { anyOf: [{ type: 'string' }, dayArray] };
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) =>
      name === '$ref' ? [name, `fineract${String(value)}`] : [name, adapted(value)],
    ),
  );
}

/** What a body has that the schema does not name. */
function membersBeyond(
  { components }: Description,
  schema: Schema | undefined,
  text: string,
): readonly string[] {
  const name = /[^/]+$/.exec(String(schema?.['$ref'] ?? ''))?.[0];
  const properties = (name && components.schemas[name]?.['properties']) ?? undefined;
  if (properties === undefined) return [];
  return Object.keys(JSON.parse(text) as object).filter((each) => !Object.hasOwn(properties, each));
}
