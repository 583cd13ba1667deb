// `countersign import-core` and `countersign simulate-core`: what the command line knows of them.
import { type Command, InvalidArgumentError } from 'commander';
import { addCoreOptions } from './core-options.ts';

export function addCoreCommands(program: Command): void {
  addCoreOptions(
    program
      .command('import-core')
      .description('take over parties, products and accounts of a core, and link them')
      .option(
        '--parties <file>',
        'the core’s ids of parties, one a line, where it cannot list them',
      ),
  )
    .addHelpText(
      'after',
      `
Running it again goes on where it ended, and changes nothing that is there. Stop the server of the
folder first: the command starts one for its work.`,
    )
    .action(async (_options, command: Command) => {
      const { importFromCore } = await import('./import-core.ts');
      await importFromCore(command.optsWithGlobals());
    });

  program
    .command('simulate-core')
    .description('answer as the core of a vendor would, for trying out and for tests')
    .argument('<name>', 'of the vendor, such as mambu')
    .option('--port <number>', 'where to listen; 0 takes any free port', parsePort, 0)
    .option('--seed <file>', 'JSON with parties and accounts; a small bank unless given')
    .option('--write <folder>', 'keeps credentials and settings there, as start --core reads them')
    .addHelpText(
      'after',
      `
What it keeps is at /_sim/book, and POST /_sim/faults
makes it fail: see docs/operating/cores.md.`,
    )
    .action(async (name: string, _options, command: Command) => {
      const { simulateCore } = await import('./simulate-core.ts');
      await simulateCore(name, command.optsWithGlobals());
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
