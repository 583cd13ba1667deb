// The options of `countersign features`, with examples.
import { type Command, InvalidArgumentError } from 'commander';

export function addFeatureCommands(program: Command): void {
  const features = program
    .command('features')
    .description('what models know of accounts, customers, cards, merchants and devices');
  features.addHelpText(
    'after',
    `
Examples:
  countersign features list
  countersign features backfill                              all of them, from the log
  countersign features backfill --tenant demo-bank
  countersign features backfill --tenant demo-bank --accounts acc_…,acc_…
  countersign features export --tenant demo-bank --point payment-authorization --out train.csv
  countersign features export --events cards.csv.gz --label-delay 7d --out train.csv.gz \\
    --map time=AT,account=CUSTOMER,merchant=TERMINAL,amount=AMOUNT,label=FRAUD`,
  );
  addList(features);
  addBackfill(features);
  addExport(features);
}

function addList(features: Command): void {
  features
    .command('list')
    .description('the catalogue: every feature that a model may read')
    .option('--json', 'as JSON')
    .action(async (_options, command: Command) => {
      const { listFeatures } = await import('./features.ts');
      listFeatures(command.optsWithGlobals());
    });
}

function addBackfill(features: Command): void {
  features
    .command('backfill')
    .description('fold the log anew, beside what is live, and swap; exit code 1 if they differed')
    .option('--tenant <id>', 'of this tenant alone')
    .option('--accounts <list>', 'only these entities, by commas; or a file with one a line')
    .action(async (_options, command: Command) => {
      const { backfillFeatures } = await import('./features.ts');
      await backfillFeatures(command.optsWithGlobals());
    });
}

function addExport(features: Command): void {
  features
    .command('export')
    .description('write what models learn from: features as they were known at the time, as CSV')
    .requiredOption('--out <file>', 'a new one; .gz packs it')
    .option('--from <time>', 'only rows from then on: a day or an instant')
    .option('--to <time>', 'only rows before')
    .option('--features <list>', 'only these, by commas')
    .option('--tenant <id>', 'from the log: whose decisions')
    .option('--point <name>', 'from the log: the decision point', 'payment-authorization')
    .option('--events <file>', "instead of the log: somebody's payments, as .csv or .csv.gz")
    .option('--map <columns>', 'time=, account=, amount=; id=, merchant=, card=, …, label=')
    .option('--label-delay <span>', 'after which a label of the file is known', '7d')
    .option('--decimals <number>', "of the file's amounts", parseDecimals, 2)
    .addHelpText(
      'after',
      `
A row has the features as they were just before it, by the place in the log: nothing later leaks in.
Labels stand beside them, with the time at which they were recorded.`,
    )
    .action(async (_options, command: Command) => {
      const { exportFeatures } = await import('./features.ts');
      await exportFeatures(command.optsWithGlobals());
    });
}

function parseDecimals(text: string): number {
  if (!/^[0-8]$/.test(text)) throw new InvalidArgumentError('Give 0 to 8.');
  return Number(text);
}
