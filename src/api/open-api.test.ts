// The OpenAPI document, as clients are generated from it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });

test('the document of the API names each area once, and the headers that it takes', async () => {
  const document = (await api.app.inject({ method: 'GET', url: '/openapi.json' })).json();
  const areas = document.tags.map(({ name }: { name: string }) => name);
  assert.deepEqual(areas, [...new Set(areas)]);
  const operations = Object.values(document.paths).flatMap((each: any) => Object.values(each));
  const named = new Set(operations.flatMap(({ tags = [] }: any) => tags));
  assert.deepEqual(named, new Set(areas));
  const { parameters } = document.paths['/v1/transfers'].post;
  const key = parameters.find(({ name }: { name: string }) => name === 'idempotency-key');
  assert.equal(key.required, true);
});
