// The command line of the MCP Inspector, as a developer would have it: it lists and calls the tools
// of a governed gateway with a token, in both revisions.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openAgentBank } from '../agent-bank.ts';

const program = fileURLToPath(
  import.meta.resolve('@modelcontextprotocol/inspector/clients/launcher/build/index.js'),
);
const limitMs = 60_000;
/** Where it keeps what it remembers: of this test alone. */
const home = mkdtempSync(join(tmpdir(), 'countersign-inspector-'));
after(() => rmSync(home, { recursive: true }));

const bank = await openAgentBank({ after });
const { customer, stranger } = bank;
const address = await bank.api.app.listen({ host: '127.0.0.1', port: 0 });

type Ran = { readonly code: number; readonly result: any; readonly stderr: string };

async function inspect(era: string, token: string, asked: readonly string[]): Promise<Ran> {
  const server = ['--transport', 'http', '--server-url', `${address}/mcp`, '--protocol-era', era];
  const by = ['--header', `Authorization: Bearer ${token}`, '--stored-auth-only'];
  const args = [program, '--cli', ...server, ...by, '--format', 'json', ...asked];
  // Nothing of this machine but its programs: neither a home nor a secret.
  const options = { env: { PATH: process.env['PATH'], HOME: home }, timeout: limitMs };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const result = error === null ? JSON.parse(stdout).result : undefined;
      resolve({ code: Number(error?.code ?? 0), result, stderr });
    });
  });
}

for (const era of ['modern', 'legacy']) {
  test(`the inspector lists and calls the tools of the gateway, ${era}`, async () => {
    const token = await bank.token();
    const listed = await inspect(era, token, ['--method', 'tools/list']);
    assert.equal(listed.code, 0, listed.stderr);
    const names = listed.result.tools.map(({ name }: { name: string }) => name);
    assert.ok(names.includes('accounts.balances') && !names.includes('transfers.confirm'), names);
    const read = async (account_id: string) => {
      const call = ['--method', 'tools/call', '--tool-name', 'accounts.balances'];
      const given = ['--tool-args-json', JSON.stringify({ account_id })];
      return inspect(era, token, [...call, ...given]);
    };
    const own = await read(customer.account);
    assert.equal(own.result?.structuredContent.balances[0].amount, 123_456, own.stderr);
    const others = await read(stranger.account);
    assert.match(others.stderr, /tool_is_error/);
  });
}

test('without a token for this server the inspector is told nothing', async () => {
  const token = await bank.token({ aud: 'https://elsewhere.example' });
  const { code, stderr } = await inspect('modern', token, ['--method', 'tools/list']);
  assert.notEqual(code, 0);
  assert.match(stderr, /auth_required/);
});
