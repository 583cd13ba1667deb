// That the log of a bank proves all that its tests have done, and that it is the same lived again.
import assert from 'node:assert/strict';
import { joinChecks, verifyLog } from '#core';
import { checkJournal } from '#money';
import { checkDecisions } from '#policy';
import { reliveLog } from '#replay';
import type { Api } from './api.ts';
import { testDatabase, testPassword } from './database.ts';

/** Of an API with the installation and one bank: each is lived again. */
export async function expectProven(
  t: Parameters<typeof testDatabase>[0],
  api: Pick<Api, 'bank' | 'seal'>,
): Promise<void> {
  await api.seal();
  const { url, planes } = api.bank;
  const { keyring } = planes;
  const journal = joinChecks(checkJournal(), checkDecisions({ isRepeating: true, withRows: true }));
  const publicKeys = keyring.checkpointPublicKeys;
  const { findings } = await verifyLog({ url, logId: keyring.logId, publicKeys, journal });
  assert.deepEqual(findings, []);
  const scratch = await testDatabase(t);
  const relived = await reliveLog({
    ...{ url, scratchUrl: scratch.url, password: testPassword, keyring },
  });
  assert.deepEqual(
    relived.tenants.map(({ difference }) => difference),
    [null, null],
  );
}
