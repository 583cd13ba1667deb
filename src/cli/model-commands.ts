// The options of `countersign models`, with examples.
import { type Command, InvalidArgumentError } from 'commander';
import { type Served, served, servedHelp } from './served.ts';

export function addModelCommands(program: Command): void {
  const models = program.command('models').description('what scores: cards, stages and going back');
  models.addHelpText(
    'after',
    `
Examples:
  countersign models validate models/payment-fraud
  countersign models register models/payment-fraud --tenant demo-bank
  countersign models simulate payment-fraud 2 --from 2026-03-01 --tenant demo-bank
  countersign models approve payment-fraud 2 --ask --tenant demo-bank
  countersign models approve payment-fraud 2 --reason "its report was read" --key "$BEN"
  countersign models promote payment-fraud 2 --approval apr_… --tenant demo-bank
  countersign models rollback payment-fraud --tenant demo-bank
  countersign models monitor payment-fraud --tenant demo-bank
${servedHelp}
What decides takes an approval by another person; going back and stopping take nobody.`,
  );
  models
    .command('validate')
    .description('check a card and its artefact offline, and try them out')
    .argument('<folder>', 'with card.json and model.onnx, or model.json')
    .action(async (folder: string) => {
      const { validateFolder } = await import('./models.ts');
      await validateFolder(folder);
    });
  const add = served(models);
  addReads(add);
  addApprovals(add);
  addActs(add);
  addStops(add);
  addSimulate(models);
  addWatching(add);
}

function addReads(add: Served): void {
  add('list', 'what of each model serves, is tried or is stopped').action(
    async (_options, command: Command) => {
      const { listModels } = await import('./models.ts');
      await listModels(command.optsWithGlobals());
    },
  );
  add('show', 'what was done with a model, newest first; or a version with its report')
    .argument('<name>')
    .argument('[version]', 'its number', parseVersion)
    .action(async (name: string, version: number | undefined, _options, command: Command) => {
      const { showModel } = await import('./models.ts');
      await showModel({ name, version }, command.optsWithGlobals());
    });
  add('register', 'check a model, try it out, and put it on record')
    .argument('<folder>', 'with card.json and model.onnx, or model.json')
    .action(async (folder: string, _options, command: Command) => {
      const { registerModel } = await import('./models.ts');
      await registerModel(folder, command.optsWithGlobals());
    });
}

function addApprovals(add: Served): void {
  add('approve', 'agree that a version decides; or, with --ask, ask another person to')
    .argument('<name>')
    .argument('<version>', 'its number', parseVersion)
    .option('--percent <share>', 'as a canary, for this share of the keys', parsePercent)
    .option('--resume', 'that it is heard again after a suspension')
    .option('--ask', 'ask, and print the id of the approval')
    .option('--reason <text>', 'on what grounds you agree; no personal data')
    .action(async (name: string, version: number, _options, command: Command) => {
      const { approveModel } = await import('./models.ts');
      await approveModel({ name, version }, command.optsWithGlobals());
    });
}

function addActs(add: Served): void {
  add('promote', 'let a version decide')
    .argument('<name>')
    .argument('<version>', 'its number', parseVersion)
    .requiredOption('--approval <id>', 'of another person')
    .action(async (name: string, version: number, _options, command: Command) => {
      const { promoteModel } = await import('./models.ts');
      await promoteModel({ name, version }, command.optsWithGlobals());
    });
  add('canary', 'let a version decide for a share of the keys')
    .argument('<name>')
    .argument('<version>', 'its number, or `none`, which ends it', parseVersionOrNone)
    .option('--percent <share>', 'of the keys, such as 5 or 0.5', parsePercent)
    .option('--approval <id>', 'of another person')
    .action(async (name: string, version: number | null, _options, command: Command) => {
      const { canaryModel } = await import('./models.ts');
      await canaryModel({ name, version }, command.optsWithGlobals());
    });
  add('shadow', 'let a version score beside the one that decides, heard by nobody')
    .argument('<name>')
    .argument('<version>', 'its number, or `none`, which ends it', parseVersionOrNone)
    .action(async (name: string, version: number | null, _options, command: Command) => {
      const { shadowModel } = await import('./models.ts');
      await shadowModel({ name, version }, command.optsWithGlobals());
    });
  add('rollback', 'go back to the version before, at once')
    .argument('<name>')
    .action(async (name: string, _options, command: Command) => {
      const { rollbackModel } = await import('./models.ts');
      await rollbackModel(name, command.optsWithGlobals());
    });
}

function addStops(add: Served): void {
  add('suspend', 'stop what decides, at once: what stands in for it is heard')
    .argument('<name>')
    .argument('[version]', 'its number; without one, what is in production', parseVersion)
    .requiredOption('--reason <text>', 'why; no personal data')
    .action(async (name: string, version: number | undefined, _options, command: Command) => {
      const { suspendModel } = await import('./models.ts');
      await suspendModel({ name, version }, command.optsWithGlobals());
    });
  add('resume', 'let a suspended version be heard again')
    .argument('<name>')
    .argument('[version]', 'its number; without one, what is in production', parseVersion)
    .requiredOption('--approval <id>', 'of another person')
    .action(async (name: string, version: number | undefined, _options, command: Command) => {
      const { resumeModel } = await import('./models.ts');
      await resumeModel({ name, version }, command.optsWithGlobals());
    });
}

function addSimulate(models: Command): void {
  models
    .command('simulate')
    .description('what a version would have said to the cases on record; nothing is written')
    .argument('<name>')
    .argument('<version>', 'its number', parseVersion)
    .requiredOption('--tenant <id>', 'whose scores')
    .option('--from <place>', "a position in the tenant's log, a day or an instant")
    .option('--to <place>', 'the same; what is there is no part of it')
    .option('--json', 'the report as JSON')
    .action(async (name: string, version: number, _options, command: Command) => {
      const { simulate } = await import('./simulate.ts');
      await simulate({ name, version }, command.optsWithGlobals());
    });
}

function addWatching(add: Served): void {
  add('monitor', 'how a model does: drift, performance, fairness, latency, fallbacks')
    .argument('<name>')
    .option('--model-version <number>', 'that in production unless given', parseVersion)
    .option('--from <time>', 'a day or an instant; a day before --to unless given')
    .option('--to <time>', 'the same; now unless given')
    .option('--assume-good', 'count what nobody has labelled as having turned out well')
    .action(async (name: string, _options, command: Command) => {
      const { monitorModel } = await import('./monitor.ts');
      await monitorModel(name, command.optsWithGlobals());
    });
  add('control', 'run the controls now; exit code 1 when one fails')
    .argument('[name]', 'of one model; all in production without it')
    .option('--from <time>', 'a day or an instant; a day before --to unless given')
    .option('--to <time>', 'the same; now unless given')
    .action(async (name: string | undefined, _options, command: Command) => {
      const { runControls } = await import('./monitor.ts');
      await runControls(name, command.optsWithGlobals());
    });
}

function parseVersion(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A version is a number from 1 on.');
}

function parseVersionOrNone(text: string): number | null {
  return text === 'none' ? null : parseVersion(text);
}

function parsePercent(text: string): number {
  if (!/^\d{1,2}(\.\d{1,2})?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('Give 0.01 to 99.99.');
  }
  return Number(text);
}
