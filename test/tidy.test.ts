// The shape of the code: who may import whom, how large things grow, where time and chance come
// from, and that the documentation names what there is.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rejections } from '#money';
import { eventTypes } from '../src/api/event-types.ts';
import { faults } from '../src/core/fault.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

const planes = ['core', 'privacy', 'money', 'policy', 'ai'];
/** They know each other by events alone; `cores` is the port to the banks' systems. */
const capabilities = ['cores', 'payments', 'reviews', 'webhooks', 'slo', 'loyalty', 'offers'];

/** By what a module may import; `type` marks what it may know of, but not call. */
const doors: Readonly<Record<string, readonly string[]>> = {
  core: [],
  privacy: ['core'],
  money: ['core'],
  policy: ['core'],
  ai: ['core', 'privacy', 'policy'],
  cores: ['core', 'privacy', 'money', 'policy'],
  payments: [...planes, 'cores'],
  reviews: planes,
  webhooks: planes,
  slo: planes,
  loyalty: [...planes, 'cores'],
  offers: [...planes, 'cores'],
  gateway: ['core', 'privacy', 'policy', 'ai', 'cores'],
  operations: ['policy', 'ai', 'gateway', ...capabilities],
  facts: [...planes, ...capabilities, 'gateway', 'operations'],
  main: [...planes, ...capabilities, 'gateway', 'facts', 'operations'],
  api: [...planes, ...capabilities, 'gateway', 'type main'],
  background: [...planes, ...capabilities, 'gateway', 'type main'],
  replay: [...planes, 'main'],
  serve: [...planes, ...capabilities, 'gateway', 'api', 'background', 'main', 'replay'],
  cli: [...planes, ...capabilities, 'gateway', 'api', 'replay', 'serve', 'simulators'],
  gen: ['core', 'policy', 'api', 'main', 'serve'],
  simulators: ['core'],
};

const columnsMax = 100;
const linesWanted = 400;
const linesMax = 700;
/** Longer than wanted, each with its reason. */
const longFiles = new Map([
  ['src/money/posting.test.ts', 'one table of rules: it is read row by row'],
  ['src/core/verify.test.ts', 'one table of ways to tamper'],
  ['test/faults/payments.test.ts', 'what a payer expects after each kill, told case by case'],
  ['test/roles.test.ts', 'one table of what each role may do, another of what it tries in vain'],
]);

/** What has identity and a lifetime, or must be thrown. */
const classes = ['Fault', 'NotLocked', 'Rejected', 'TreeAudit'];

/** Where time and chance enter; everything else is handed a Clock and a Random. */
const injected = ['src/core/clock.ts', 'src/core/random.ts'];

const code = files('{src,test,simulators,benchmarks,examples,bin}/**/*.{ts,mjs,js}');
const sql = files('{migrations,benchmarks}/*.sql');
const docs = files('{*.md,{docs,examples}/**/*.md}');
const program = code.filter(({ path }) => path.startsWith('src/') && !isTest(path));

test('modules import each other through their doors, and only those that they may', () => {
  const wrong = imports().filter(({ from, to, isType, door }) => {
    if (from === to) return door;
    const allowed = doors[from] ?? [];
    if (allowed.includes(to)) return !door && to !== 'serve' && to !== 'simulators';
    return !(isType && door && allowed.includes(`type ${to}`));
  });
  assert.deepEqual(wrong.map(tell), []);
});

test('no modules depend on each other in a circle', () => {
  const edges = imports().filter(({ from, to, isType }) => from !== to && !isType);
  const visit = (module: string, path: readonly string[]): void => {
    assert.ok(!path.includes(module), `a circle: ${[...path, module].join(' → ')}`);
    const next = new Set(edges.filter(({ from }) => from === module).map(({ to }) => to));
    for (const to of next) visit(to, [...path, module]);
  };
  for (const module of Object.keys(doors)) visit(module, []);
});

test(`lines have at most ${columnsMax} columns, but for what cannot be broken`, () => {
  const isLong = (line: string) => [...line].length > columnsMax && !/\S{80}/.test(line);
  const long = [...code, ...sql].flatMap(({ path, lines }) =>
    lines.flatMap((line, at) => (isLong(line) ? [`${path}:${at + 1}`] : [])),
  );
  assert.deepEqual(long, []);
});

test(`files have at most ${linesWanted} lines, but for those that have a reason`, () => {
  const long = [...code, ...sql].filter(({ lines }) => lines.length > linesWanted);
  const unexcused = long.filter(({ path }) => !longFiles.has(path));
  assert.deepEqual(
    unexcused.map(({ path, lines }) => `${path}: ${lines.length}`),
    [],
  );
  assert.ok(long.every(({ lines }) => lines.length <= linesMax));
  const shortened = [...longFiles.keys()].filter((path) => !long.some((it) => it.path === path));
  assert.deepEqual(shortened, [], 'needs no exception any more');
});

test('a file begins with a sentence on what it is for', () => {
  const silent = code.filter(
    ({ path, lines }) => !isTest(path) && !/^\/\/ ["'`\w]/.test(lines.find(isNoShebang) ?? ''),
  );
  assert.deepEqual(silent.map(pathOf), []);
});

test('functions and plain objects: no default exports, enums, decorators, stray classes', () => {
  const banned: readonly (readonly [string, RegExp])[] = [
    ['a default export', /^export default\b/m],
    ['an enum', /^(?:export )?(?:const )?enum /m],
    ['a namespace', /^(?:export )?(?:declare )?namespace /m],
    ['a decorator', /^\s*@\w+\(/m],
    ['a parameter property', /constructor\([^)]*\b(?:private|public|protected|readonly)\s/],
  ];
  assert.deepEqual(findings(code, banned), []);
  const found = program.flatMap(({ text }) => [...text.matchAll(/^(?:export )?class (\w+)/gm)]);
  assert.deepEqual(found.map(([, name = '']) => name).sort(), classes);
});

test('time and chance come from the clock and the random source that are handed in', () => {
  const banned: readonly (readonly [string, RegExp])[] = [
    ['Date.now', /\bDate\.now\(/],
    ['new Date()', /\bnew Date\(\)/],
    ['Math.random', /\bMath\.random\(/],
    ['randomness of node:crypto', /\brandom(?:UUID|Bytes|Int|Fill|FillSync)\b/],
  ];
  const others = program.filter(({ path }) => !injected.includes(path));
  assert.deepEqual(findings(others, banned), []);
  // What a row says is what the command says: nothing is made up by the database.
  const database = /\b(?:now|gen_random_uuid|uuidv[47]|clock_timestamp|statement_timestamp)\(\)/i;
  const inMigrations = sql.filter(({ path }) => path.startsWith('migrations/'));
  const made: typeof banned = [
    ['made by the database', database],
    ['current_timestamp', /\bcurrent_(?:timestamp|date|time)\b/i],
  ];
  assert.deepEqual(findings(inMigrations, made), []);
});

test('nothing is left to be done', () => {
  const marks = new RegExp(`\\b(?:${['TO', 'FIX'].join('DO|')}ME|TO${'DO'})\\b`);
  assert.deepEqual(findings([...code, ...sql, ...docs], [['left to be done', marks]]), []);
});

test('migrations are numbered without a gap, and each says what it risks', () => {
  const names = globSync('*.sql', { cwd: join(project, 'migrations') }).sort();
  assert.ok(names.length > 0);
  for (const [index, name] of names.entries()) {
    assert.match(name, new RegExp(`^${String(index + 1).padStart(4, '0')}_[a-z_]+\\.sql$`));
    assert.match(read(`migrations/${name}`), /^-- risk: \w/, `${name} begins with its risk`);
  }
});

test('the reference lists every fault, every rejection and every event type, and no other', () => {
  const listed = (page: string, cell: RegExp) =>
    [...read(`docs/reference/${page}`).matchAll(cell)].map(([, word = '']) => word).sort();
  const row = /^\| `([a-z_]+)` \|/gm;
  assert.deepEqual(listed('problems.md', row), Object.keys(faults).sort());
  assert.deepEqual(listed('rejections.md', row), Object.keys(rejections).sort());
  // One table says when an event happens, another what is in it.
  const events = new Set(listed('events.md', /^\| `([a-z_]+\.[a-z_]+)` \|/gm));
  assert.deepEqual([...events], [...eventTypes].sort());
});

test('every link of the documentation leads somewhere', () => {
  const anchors = (path: string) =>
    [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const broken = docs.flatMap(({ path, text }) =>
    [...text.replace(/```.*?```/gs, '').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      const isThere = existsSync(join(project, target));
      const isFound = isThere && (anchor === undefined || anchors(target).includes(anchor));
      return isFound ? [] : [`${path}: ${link}`];
    }),
  );
  assert.deepEqual(broken, []);
});

test('the coverage names tests that exist', () => {
  const named = [...read('docs/coverage.md').matchAll(/`([\w./*-]+\.test\.ts)`/g)];
  assert.ok(named.length > 0);
  const missing = named.filter(([, path = '']) => globSync(path, { cwd: project }).length === 0);
  assert.deepEqual(
    missing.map(([, path]) => path),
    [],
  );
});

// Files and their imports -------------------------------------------------------------------------

type File = { readonly path: string; readonly text: string; readonly lines: readonly string[] };

type Import = {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
  /** Through `#module`, rather than by a relative path. */
  readonly door: boolean;
};

function files(pattern: string): File[] {
  return globSync(pattern, { cwd: project })
    .sort()
    .map((path) => {
      const text = read(path);
      return { path, text, lines: text.replace(/\n$/, '').split('\n') };
    });
}

function read(path: string): string {
  return readFileSync(join(project, path), 'utf8');
}

function imports(): Import[] {
  const statement =
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  const simulators = code.filter(({ path }) => path.startsWith('simulators/') && !isTest(path));
  return [...program, ...simulators].flatMap(({ path, text }) =>
    [...text.matchAll(statement)].flatMap(([, type, fixed, dynamic]) => {
      const target = fixed ?? dynamic ?? '';
      const door = target.startsWith('#');
      if (!door && !target.startsWith('.')) return [];
      const to = door ? target.slice(1) : moduleOf(join(dirname(path), target));
      if (to === 'package.json') return [];
      return { path, from: moduleOf(path), to, isType: type !== undefined, door };
    }),
  );
}

/** `src/core/id.ts` is of `core`, `src/serve.ts` of `serve`, all of `simulators/` one module. */
function moduleOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== 'capabilities');
  return (parts[0] === 'src' ? parts[1] : parts[0])?.replace(/\.ts$/, '') ?? path;
}

function tell({ path, to, isType, door }: Import): string {
  return `${path} imports ${isType ? 'types of ' : ''}${door ? '#' : ''}${to}`;
}

function findings(
  among: readonly File[],
  banned: readonly (readonly [string, RegExp])[],
): string[] {
  return among.flatMap(({ path, text }) =>
    banned.flatMap(([name, pattern]) => (pattern.test(text) ? [`${path}: ${name}`] : [])),
  );
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function isNoShebang(line: string): boolean {
  return !line.startsWith('#!');
}

function pathOf({ path }: File): string {
  return path;
}
