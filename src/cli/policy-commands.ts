// The options of `countersign policy`, with examples.
import { type Command, InvalidArgumentError } from 'commander';
import { type Served, served, servedHelp } from './served.ts';

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
