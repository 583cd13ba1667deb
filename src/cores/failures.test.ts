import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coreFault, plainCode } from './failures.ts';

test('no code of a core carries a number of an account, an address or a line of its own', () => {
  assert.equal(plainCode('TGVCP-002'), 'TGVCP-002');
  assert.equal(plainCode('x\r\nADMIN 1000000017 anna@mail.example'), 'xADMIN # #');
  assert.equal(plainCode('9'.repeat(100_000)), '#');
  const code = `EB-${'1'.repeat(16)}\n`;
  const fault = coreFault('temenos', { class: 'refused', code, text: 'of Anna Example' });
  assert.match(fault.message, /\(EB-#\)$/);
  assert.equal(fault.detail['core_code'], 'EB-#');
  assert.doesNotMatch(JSON.stringify(fault.detail) + fault.message, /Anna|111/);
});
