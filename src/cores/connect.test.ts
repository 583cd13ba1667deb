import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '#core';
import { connectCore, type CoreConnection, probeCore } from '#cores';
import { mambu } from '../../simulators/cores/mambu/mambu.ts';
import { startSimulator } from '../../simulators/cores/simulator.ts';

const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), 'countersign-core-'));
after(() => rmSync(folder, { recursive: true }));
const simulator = await startSimulator(mambu, { clock });
after(() => simulator.close());

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const credentialsFile = file('credentials', JSON.stringify(simulator.credentials));
const right: CoreConnection = {
  name: 'mambu',
  url: simulator.url,
  tenant: 'bank',
  credentialsFile,
};

test('what is wrong with a connection is told before anything is asked', async () => {
  const wrong: readonly (readonly [Partial<CoreConnection>, RegExp])[] = [
    [{ name: 'mamboo' }, /--core is one of .*mambu.*, not mamboo/],
    [{ name: 'constructor' }, /--core is one of/],
    [{ url: 'core.example' }, /--core-url is not an address/],
    [{ url: 'http://core.example' }, /only a core on this machine/],
    [{ url: 'https://me:secret@core.example' }, /put them into the file/],
    [{ credentialsFile: join(folder, 'nowhere') }, /--core-credentials is not there/],
    [{ credentialsFile: file('text', 'apiKey: hush') }, /no JSON object/],
    [{ credentialsFile: file('deep', '{"apiKey":{"hush":1}}') }, /values are all texts/],
    [{ caFile: credentialsFile }, /holds no certificate/],
    [{ credentialsFile: file('none', '{}') }, /wants an apiKey.*--core-credentials.*mambu.README/],
    [{ timeZone: 'Middle-earth/Shire' }, /knows no Middle-earth/],
  ];
  for (const [change, message] of wrong) {
    await assert.rejects(connectCore({ ...right, ...change }, clock), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message} ${error.stack}`, /hush|me:secret/);
      assert.equal((error as { code?: string }).code, 'input_invalid');
      return true;
    });
  }
});

test('a core is asked whether it answers, and what it says is told as what to do', async (t) => {
  const probe = async (change: Partial<CoreConnection>) => {
    const connection = { ...right, ...change };
    const adapter = await connectCore(connection, clock);
    t.after(() => adapter.close());
    return probeCore(adapter, connection);
  };
  assert.equal(await probe({}), undefined);
  const other = file('other', JSON.stringify({ ...simulator.credentials, apiKey: 'hush' }));
  await assert.rejects(probe({ credentialsFile: other }), (error: Error) => {
    assert.match(error.message, /credentials do not count.*They were read from: .*other/);
    assert.doesNotMatch(error.message, /hush/);
    return true;
  });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const away = await probe({ url: `http://127.0.0.1:${port}` });
  assert.match(away ?? '', /nothing answers at .* \(ECONNREFUSED\): check --core-url/);
});
