// The official conformance suite of MCP against the governed gateway of a bank, scenario by
// scenario, in both revisions.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openMcpFixture } from '../mcp-fixture-server.ts';

type Expected = {
  /** How many scenarios the revision requires of servers: all of them pass. */
  readonly required: number;
  /** Not all that they look at can be seen with us: each with its reason. */
  readonly warned: Readonly<Record<string, string>>;
  /** Run by the suite besides, and failed; none is required. Each with its reason. */
  readonly failed: Readonly<Record<string, string>>;
};

const tasks = 'the extension io.modelcontextprotocol/tasks, which we do not declare';

/** Asserted exactly, so that a suite that has changed is noticed. */
const expectations: Readonly<Record<string, Expected>> = {
  '2026-07-28': {
    required: 37,
    warned: {},
    failed: {
      'http-custom-header-server-validation':
        'SEP-2243, custom headers: of tools that declare some, as none of ours does',
      'tasks-capability-negotiation': tasks,
      'tasks-dispatch-and-envelope': tasks,
      'tasks-lifecycle': tasks,
      'tasks-mrtr-composition': tasks,
      'tasks-mrtr-input': tasks,
      'tasks-request-headers': tasks,
      'tasks-request-state-removal': tasks,
      'tasks-required-task-error': tasks,
      'tasks-wire-fields': tasks,
    },
  },
  '2025-11-25': {
    required: 30,
    warned: {
      'server-sse-multiple-streams':
        'it wants a session; Transports, Session Management: a server "MAY assign a session ID"',
      'server-sse-polling': 'the same, for resuming a stream, which a server "MAY" offer',
    },
    failed: {},
  },
};

const limitMs = 120_000;
const suite = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json'));
const folder = join(suite, '..');

const fixture = await openMcpFixture({ after });
const results = mkdtempSync(join(tmpdir(), 'countersign-mcp-'));
after(() => rmSync(results, { recursive: true }));

for (const [revision, expected] of Object.entries(expectations)) {
  test(`every scenario that ${revision} requires of a server passes`, async () => {
    const required = requiredScenarios(revision);
    assert.equal(required.length, expected.required);
    const statuses = await runSuite(revision);
    const having = (status: string) =>
      [...statuses].filter(([, all]) => all.includes(status)).map(([scenario]) => scenario);
    assert.deepEqual(having('FAILURE'), Object.keys(expected.failed));
    assert.deepEqual(having('WARNING'), Object.keys(expected.warned));
    for (const scenario of required) {
      const all = statuses.get(scenario) ?? [];
      assert.ok(all.length > 0, `${scenario} was run`);
      assert.ok(!all.includes('FAILURE'), scenario);
      if (scenario in expected.warned) continue;
      assert.ok(all.includes('SUCCESS'), `${scenario} has looked at something`);
    }
  });
}

test('what the suite has called was called through the gateway, and is on record', async () => {
  const { rows } = await fixture.api.bank.superuser.query<{ tool: string; status: string }>(
    `select distinct body::jsonb #>> '{data,payload,tool}' as tool,
            body::jsonb #>> '{data,payload,status}' as status
       from core.event where type = 'tool.called'`,
  );
  const answered = new Set(rows.flatMap(({ tool, status }) => (status === 'answered' ? tool : [])));
  const failed = rows.flatMap(({ tool, status }) => (status === 'failed' ? tool : []));
  assert.deepEqual(failed, ['test_error_handling']);
  // Of one the suite looks at the schema alone.
  const others = fixture.tools.filter((tool) => !answered.has(tool) && !failed.includes(tool));
  assert.deepEqual(others, ['json_schema_2020_12_tool']);
});

/** By scenario, what came of each of its checks. */
async function runSuite(revision: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const output = join(results, revision);
  const args = ['server', '--url', fixture.url, '--requirements', revision, '-o', output];
  const isPassed = await new Promise((resolve) => {
    const options = { timeout: limitMs, maxBuffer: 64 * 1024 * 1024 };
    const run = [join(folder, 'dist', 'index.js'), ...args];
    execFile(process.execPath, run, options, (error) => resolve(error === null));
  });
  assert.ok(isPassed, 'the suite itself says so too');
  const scenarios = readdirSync(output).sort();
  return new Map(
    scenarios.map((name) => {
      // `server-ping-2026-11-22T02-24-13-251Z`
      const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
      const checks = readFileSync(join(output, name, 'checks.json'), 'utf8');
      const statuses = (JSON.parse(checks) as { status: string }[]).map(({ status }) => status);
      return [scenario, statuses] as const;
    }),
  );
}

function requiredScenarios(revision: string): readonly string[] {
  const text = readFileSync(join(folder, 'requirements', `${revision}.yaml`), 'utf8');
  const [, list = ''] = /^server:\n((?: {2}- .+\n)+)/m.exec(text) ?? [];
  return [...list.matchAll(/- (.+)/g)].map(([, scenario = '']) => scenario);
}
