// The command line: what can be asked of Countersign, and how errors are told.
// What a command needs is loaded when that command is run: help and a mistyped option are quick.
import type { RotatableKind } from '#core';
import { Command, InvalidArgumentError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { ProcessRole } from '../serve.ts';
import { addApprovalCommands } from './approval-commands.ts';
import { addCoreCommands } from './core-commands.ts';
import { addCoreOptions } from './core-options.ts';
import { addFeatureCommands } from './feature-commands.ts';
import type { GlobalOptions } from './installation.ts';
import type { MaskOptions } from './mask.ts';
import { addModelCommands } from './model-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addReplayCommands } from './replay-commands.ts';
import { served, servedHelp } from './served.ts';

const processRoles: readonly ProcessRole[] = ['api', 'worker', 'sealer'];
const rotatableKinds: readonly RotatableKind[] = ['countersign', 'checkpoint', 'vault', 'totp'];

const program = new Command('countersign')
  .description('AI proposes, policy countersigns, the ledger posts.')
  .version(manifest.version)
  .addOption(
    new Option('--data <folder>', 'keys, tree heads and the embedded PostgreSQL')
      .env('COUNTERSIGN_DATA')
      .default('.countersign'),
  )
  .addOption(
    new Option('--log-level <level>', 'how much is logged')
      .choices(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
      .default('warn'),
  )
  .showHelpAfterError('(--help shows what is possible)')
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Examples:
  countersign start                          serve on port 7400 until stopped
  countersign start --traffic 2              the same, with a demo bank that lives
  countersign start --core mambu --core-url https://… --core-credentials mambu.json
  countersign demo                           a whole bank day, in some minutes
  countersign stream cards.csv --map time=AT,debit=FROM,credit=TO,amount=EUR
  countersign verify                         prove that nothing was changed behind our back
  countersign policy validate policies/payment-authorization.json
  countersign approvals list --tenant demo-bank
  DATABASE_URL=postgres://… countersign start

Without DATABASE_URL an embedded PostgreSQL 18 in the data folder is used.`,
  );

const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

addCoreOptions(program.command('start').description('serve the API until stopped'))
  .addOption(
    new Option('--port <number>', 'where to listen; 0 takes any free port')
      .env('PORT')
      .default(7400)
      .argParser(parsePort),
  )
  .addOption(new Option('--host <address>', 'which address to listen on').default('127.0.0.1'))
  .addOption(
    new Option('--roles <list>', 'what this process does, by commas')
      .default(new Set(processRoles), 'api,worker,sealer')
      .argParser(parseRoles),
  )
  .option('--traffic <number>', 'synthetic operations a second, for a demo bank', parseCount)
  .action(async (_options, command: Command) => {
    const { start } = await import('./start.ts');
    await start(command.optsWithGlobals());
  });

program
  .command('demo')
  .description('open a demo bank and live one seeded day of it through the API')
  .option('--seed <number>', 'which day', parseCount, 42)
  .option('--customers <number>', 'how many customers the bank has', parseCount, 2_000)
  .option('--transactions <number>', 'how much happens, about', parseCount, 10_000)
  .option('--connections <number>', 'clients at once', parseCount, 12)
  .option('--fraud <share>', 'of the transactions, how many are fraud', parseShare, 0.008)
  .option('--no-model', 'without the fraud model that ships: rules decide alone')
  .option('--report <file>', 'where the HTML report goes; into the data folder unless said')
  .option('--core <name>', 'the vendor whose simulated core keeps the accounts, such as mambu')
  .action(async (_options, command: Command) => {
    const { demo } = await import('./demo.ts');
    await demo(command.optsWithGlobals());
  });

program
  .command('stream')
  .description('post the transactions of a CSV file, opening the accounts that it names')
  .argument('<file>', 'a .csv file with a header line, or the same as .csv.gz')
  .requiredOption(
    '--map <fields>',
    'which column is what: time=,debit=,credit=,amount= and, if there, id=,currency=',
  )
  .option('--tenant <id>', 'the tenant to post into; created when it is not there', 'streamed')
  .option('--currency <code>', 'where no column says it', 'EUR')
  .option('--debit-prefix <text>', 'put before the names in the debit column', '')
  .option('--credit-prefix <text>', 'put before the names in the credit column', '')
  .option('--day <date>', 'only the rows of this day, such as 2026-03-31')
  .option('--limit <rows>', 'at most so many rows', parseCount)
  .option('--connections <number>', 'clients at once', parseCount, 48)
  .addHelpText(
    'after',
    `
Example:
  countersign stream cards.csv.gz --day 2026-03-31 --currency EUR \\
    --map id=ID,time=AT,debit=CUSTOMER,credit=MERCHANT,amount=AMOUNT \\
    --debit-prefix customer- --credit-prefix merchant-

Running it again posts nothing twice: a row's id (or its line) is its idempotency key.`,
  )
  .action(async (file: string, _options, command: Command) => {
    const { stream } = await import('./stream.ts');
    await stream(file, command.optsWithGlobals());
  });

program
  .command('verify')
  .description('check the log, its signed heads, journal and decisions; exit code 1 on any finding')
  .option(
    '--checkpoint <file...>',
    'checkpoints kept elsewhere: the log must still contain what they cover',
  )
  .option('--decisions', 'make every decision anew, and compare')
  .action(async (_options, command: Command) => {
    const { verify } = await import('./verify.ts');
    await verify(command.optsWithGlobals());
  });

program
  .command('rebuild')
  .description('build a projection anew from the log, beside the live one, and swap them')
  .argument('<projection>', 'such as balances, activity, scores or slo')
  .action(async (name: string, _options, command: Command) => {
    const { rebuild } = await import('./rebuild.ts');
    await rebuild(name, globals(command));
  });

program
  .command('backup')
  .description('write everything in the database into a folder, while the server goes on')
  .argument('<folder>', 'a new one')
  .addHelpText('after', '\nThe keys are not in it: keep a copy of keys/ elsewhere.')
  .action(async (folder: string, _options, command: Command) => {
    const { backup } = await import('./backup.ts');
    await backup(folder, globals(command));
  });

program
  .command('restore')
  .description('fill an empty database from a backup; signed heads are never forked')
  .argument('<folder>', 'what `backup` wrote')
  .action(async (folder: string, _options, command: Command) => {
    const { restore } = await import('./backup.ts');
    await restore(folder, globals(command));
  });

program
  .command('migrate')
  .description('bring the database to the schema of this version, without starting a server')
  .action(async (_options, command: Command) => {
    const { migrateInstallation } = await import('./migrate.ts');
    await migrateInstallation(globals(command));
  });

const decisions = program.command('decisions').description('what policy has decided');

decisions
  .command('export')
  .description('write decisions with their proofs, as JSON lines that anybody can verify offline')
  .requiredOption('--tenant <id>', 'whose decisions')
  .requiredOption('--from <time>', 'a day, or an instant such as 2026-03-31T00:00:00Z')
  .requiredOption('--to <time>', 'the same; what was decided then is no part of it')
  .requiredOption('--out <file>', 'a new one')
  .action(async (_options, command: Command) => {
    const { exportDecisions } = await import('./decisions.ts');
    await exportDecisions(command.optsWithGlobals());
  });

const keys = program.command('keys').description('the keyring');

keys
  .command('verifier')
  .description('print the public keys that verify the receipts of a tenant (of its first log)')
  .argument('<tenant>', 'such as demo-bank')
  .action(async (tenant: string, _options, command: Command) => {
    const { listVerifierKeys } = await import('./keys.ts');
    listVerifierKeys(tenant, globals(command));
  });

keys
  .command('rotate')
  .description('add a key, current from the next start; what the old ones signed stays valid')
  .addArgument(new Command().createArgument('<kind>', 'what it is for').choices(rotatableKinds))
  .action(async (kind: RotatableKind, _options, command: Command) => {
    const { rotateKeys } = await import('./keys.ts');
    rotateKeys(kind, globals(command));
  });

keys
  .command('rewrap')
  .description('wrap what the token vaults have under the newest vault key')
  .option('--tenant <id>', 'of this tenant alone')
  .action(async (_options, command: Command) => {
    const { rewrapVaults } = await import('./keys.ts');
    await rewrapVaults(command.optsWithGlobals());
  });

program
  .command('mask')
  .description('mask personal values in a file of text or JSON lines, or count them')
  .argument('[file]', 'standard input unless said')
  .option('--schema <file>', 'a JSON Schema of the lines, whose fields carry x-class')
  .option('--known <file>', 'values to find: a JSON list of {"class": …, "value": …}')
  .option('--count', 'write only how many there are of each class; exit code 1 where there are any')
  .action(async (file: string | undefined, options: MaskOptions) => {
    const { maskFile } = await import('./mask.ts');
    await maskFile(file, options);
  });

const screening = program.command('screening').description('the lists against which is screened');

screening
  .command('load')
  .description('load a publication; the same files again change nothing')
  .argument('<list>', 'the name of the list, such as ofac_sdn')
  .argument('<part=file...>', 'sdn=, alt= and add=; or xml=; or csv= (each may be .gz)')
  .addOption(
    new Option('--format <format>', 'whose format')
      .choices(['ofac_sdn', 'un_consolidated', 'pep_csv'])
      .makeOptionMandatory(),
  )
  .option('--source-date <date>', 'when it was published, such as 2026-03-31')
  .option('--force', 'accept a list that has shrunk by a fifth or more')
  .action(async (list: string, files: string[], _options, command: Command) => {
    const { loadList } = await import('./screening.ts');
    await loadList({ ...command.optsWithGlobals(), list, files });
  });

screening
  .command('search')
  .description('search the lists in force for a name; nothing is kept')
  .argument('<name>')
  .option('--date-of-birth <date>', 'such as 1971 or 1971-03-04')
  .option('--min <score>', 'the least score, of 1000', parseScore, 800)
  .action(async (name: string, _options, command: Command) => {
    const { searchLists } = await import('./screening.ts');
    await searchLists(name, command.optsWithGlobals());
  });

served(program)('slo', 'how the service levels stand; exit code 1 while an alert is raised')
  .addHelpText('after', servedHelp)
  .action(async (_options, command: Command) => {
    const { showSlos } = await import('./slo.ts');
    await showSlos(command.optsWithGlobals());
  });

addPolicyCommands(program);
addModelCommands(program);
addApprovalCommands(program);
addCoreCommands(program);
addFeatureCommands(program);
addReplayCommands(program);

/** How long clients of an abandoned work may keep the process. */
const clientsMs = 500;

try {
  await program.parseAsync();
} catch (error) {
  // A progress that was abandoned has left its line half drawn.
  const clear = process.stderr.isTTY ? '\r\u001b[K' : '';
  process.stderr.write(`${clear}countersign: ${await told(error)}\n`);
  process.exitCode = 1;
  // Clients of an abandoned work would otherwise keep the process, and try on. With none, it ends
  // by itself: an exit while V8 compiles in the background can wait for that thread for ever.
  setTimeout(() => process.exit(1), clientsMs).unref();
}

/** In a line what is wrong and what to do, then its places; a bug is thrown on, with its stack. */
async function told(error: unknown): Promise<string> {
  const { Fault } = await import('#core');
  const { flawLines } = await import('./table.ts');
  if (error instanceof Fault) {
    const isElsewhere = error.code === 'database_unavailable' && process.env['DATABASE_URL'];
    const hint = isElsewhere ? ': is DATABASE_URL right, and its server running?' : '';
    // What a server has refused keeps the server's code.
    const { code = error.code, errors } = error.detail;
    return [`${error.message}${hint} [${String(code)}]`, ...flawLines(errors)].join('\n');
  }
  // Of the operating system, about a file or an address: its message names both.
  if (error instanceof Error && 'syscall' in error) return `${error.message} [input_invalid]`;
  throw error;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  }
  return port;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a positive whole number.');
  return Number(text);
}

function parseShare(text: string): number {
  if (!/^0?\.\d{1,6}$|^0$/.test(text)) throw new InvalidArgumentError('Give a part of one.');
  return Number(text);
}

function parseScore(text: string): number {
  const score = parseCount(text);
  if (score > 1_000) throw new InvalidArgumentError('Give 1 to 1000.');
  return score;
}

function parseRoles(text: string): ReadonlySet<ProcessRole> {
  const roles = new Set(text.split(',') as ProcessRole[]);
  if ([...roles].some((role) => !processRoles.includes(role))) {
    throw new InvalidArgumentError(`The roles are ${processRoles.join(', ')}.`);
  }
  return roles;
}
