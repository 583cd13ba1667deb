// The options of `countersign policy` and `countersign replay`, with examples.
import { type Command, InvalidArgumentError } from 'commander';
import { type Served, served, servedHelp } from './served.ts';

export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('make recorded decisions again: the same, or those of another policy')
    .option('--from <place>', "a position in the tenant's log, a day or an instant")
    .option('--to <place>', 'the same; what is there is no part of it')
    .option('--policy <bundle>', 'digest, version or file: tell what it would change')
    .option('--tenant <id>', 'one tenant; all of them without it')
    .option('--account <id>', 'decisions about one account')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  countersign replay                         every decision must come out the same
  countersign replay --from 2026-03-01 --to 2026-04-01 --tenant demo-bank
  countersign replay --policy stricter.json  how many outcomes would change, and which

Without --policy the exit code is 1 when any decision comes out otherwise. Nothing is written.`,
    )
    .action(async (_options, command: Command) => {
      const { replay } = await import('./replay.ts');
      await replay(command.optsWithGlobals());
    });
}

export function addPolicyCommands(program: Command): void {
  const policy = program.command('policy').description('what decides: bundles and publication');
  policy.addHelpText(
    'after',
    `
Examples:
  countersign policy validate policies/*.json
  countersign policy draft stricter.json --tenant demo-bank
  countersign policy backtest DIGEST --ask --tenant demo-bank
  countersign policy publish payment-authorization DIGEST --backtest BKT --approval APR
  countersign policy rollback payment-authorization --tenant demo-bank
${servedHelp}
Publishing takes an approval by another person: countersign approvals --help.`,
  );

  policy
    .command('validate')
    .description('check bundles offline: places of flaws, and rules that no test makes hold')
    .argument('<file...>', 'bundles as JSON')
    .action(async (files: string[]) => {
      const { validatePolicies } = await import('./policy.ts');
      validatePolicies(files);
    });

  const add = served(policy);
  addReads(add);
  addChanges(add);
}

function addReads(add: Served): void {
  add('list', 'what decides at each point, and what stands beside it').action(
    async (_options, command: Command) => {
      const { listPolicies } = await import('./policy.ts');
      await listPolicies(command.optsWithGlobals());
    },
  );
  add('show', 'the acts at a point, newest first, or a bundle')
    .argument('<name>', 'a point or a digest')
    .action(async (name: string, _options, command: Command) => {
      const { showPolicy } = await import('./policy.ts');
      await showPolicy(name, command.optsWithGlobals());
    });
}

function addChanges(add: Served): void {
  add('draft', 'check a bundle and put it on record')
    .argument('<file>')
    .action(async (file: string, _options, command: Command) => {
      const { draftPolicy } = await import('./policy.ts');
      await draftPolicy(file, command.optsWithGlobals());
    });
  add('backtest', 'what a bundle would have said to the latest decisions')
    .argument('<digest>', 'of a draft: all 64 digits', parseDigest)
    .option('--decisions <number>', 'how many, at most 50000', parseCount, 10_000)
    .option('--ask', 'then ask for an approval of its publication')
    .action(async (digest: string, _options, command: Command) => {
      const { backtestPolicy } = await import('./policy.ts');
      await backtestPolicy(digest, command.optsWithGlobals());
    });
  add('publish', 'let a bundle decide')
    .argument('<name>', 'the point')
    .argument('<digest>', 'of a draft: all 64 digits', parseDigest)
    .requiredOption('--backtest <id>', 'what it would have changed')
    .requiredOption('--approval <id>', 'of another person')
    .option('--at <instant>', 'from when on, as it was approved; at once without it')
    .action(async (name: string, digest: string, _options, command: Command) => {
      const { publishPolicy } = await import('./policy.ts');
      await publishPolicy(name, digest, command.optsWithGlobals());
    });
  add('rollback', 'go back to the bundle before, at once')
    .argument('<name>', 'the point')
    .action(async (name: string, _options, command: Command) => {
      const { rollbackPolicy } = await import('./policy.ts');
      await rollbackPolicy(name, command.optsWithGlobals());
    });
  add('shadow', 'let a bundle judge beside the one that decides')
    .argument('<name>', 'the point')
    .argument('<digest>', 'of a draft, or `none`, which ends it', parseDigestOrNone)
    .action(async (name: string, digest: string, _options, command: Command) => {
      const { shadowPolicy } = await import('./policy.ts');
      await shadowPolicy(name, digest, command.optsWithGlobals());
    });
  add('canary', 'let a bundle decide for a share of keys')
    .argument('<name>', 'the point')
    .argument('<digest>', 'of a draft, or `none`, which ends it', parseDigestOrNone)
    .option('--percent <share>', 'of the keys, such as 5 or 0.5', parsePercent)
    .option('--key-fact <fact>', 'whose value says who is in, such as account_id')
    .option('--approval <id>', 'of another person')
    .action(async (name: string, digest: string, _options, command: Command) => {
      const { canaryPolicy } = await import('./policy.ts');
      await canaryPolicy(name, digest, command.optsWithGlobals());
    });
}

function parseDigest(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError('Give all 64 hexadecimal digits, as `policy draft` prints them.');
}

function parseDigestOrNone(text: string): string {
  return text === 'none' ? text : parseDigest(text);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^[1-9]\d{0,4}$/.test(text) || count > 50_000) {
    throw new InvalidArgumentError('Give 1 to 50000.');
  }
  return count;
}

function parsePercent(text: string): number {
  if (!/^\d{1,2}(\.\d{1,2})?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('Give 0.01 to 99.99.');
  }
  return Number(text);
}
