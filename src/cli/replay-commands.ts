// The options of `countersign replay`, with examples.
import { type Command, InvalidArgumentError } from 'commander';

export function addReplayCommands(program: Command): void {
  const replay = program
    .command('replay')
    .description('make recorded decisions again: the same, or those of another policy or model')
    .option('--from <place>', "a position in the tenant's log, a day or an instant")
    .option('--to <place>', 'the same; what is there is no part of it')
    .option('--policy <bundle>', 'digest, version or file: tell what it would change')
    .option('--model <name@version>', 'tell what would be decided on its scores', parseModel)
    .option('--tenant <id>', 'one tenant; all of them without it')
    .option('--account <id>', 'decisions about one account')
    .option('--accounts <file>', 'a cohort: decisions about these accounts, one a line')
    .option('--where <fact=value>', 'a cohort: cases in which a fact has this value', parseWhere)
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  countersign replay                         every decision must come out the same
  countersign replay --from 2026-03-01 --to 2026-04-01 --tenant demo-bank
  countersign replay --policy stricter.json  how many outcomes would change, and which
  countersign replay --model payment-fraud@2 --policy stricter.json --tenant demo-bank
  countersign replay --policy stricter.json --where channel=mobile
  countersign replay log                     live everything again in an empty database

Without --policy and --model the exit code is 1 when any decision comes out otherwise. It reads as a
role that cannot write.`,
    )
    .action(async (_options, command: Command) => {
      const { replay: run } = await import('./replay.ts');
      await run(command.optsWithGlobals());
    });
  addReplayLog(replay);
}

function addReplayLog(replay: Command): void {
  replay
    .command('log')
    .description('live the recorded commands again in an empty database: the same Merkle roots')
    .option('--to <place>', 'up to a position of each log, a day or an instant')
    .option('--tenant <id>', 'one tenant; all of them without it')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      `
A scratch database is made beside that of the bank, on the same server, and dropped afterwards; the
bank may go on meanwhile. No model is asked: scores are those on record. The exit code is 1 when
anything comes out otherwise, and the first event that does is named.`,
    )
    .action(async (_options, command: Command) => {
      refuseOthers(command);
      const { replayLog } = await import('./replay-log.ts');
      await replayLog(command.optsWithGlobals());
    });
}

/** Those of `replay` itself mean nothing here, and silence would be taken for an answer. */
function refuseOthers(command: Command): void {
  const own = new Set(command.options.map((option) => option.attributeName()));
  const strange = command.parent?.options.find((option) => {
    const name = option.attributeName();
    const isGiven = command.parent?.getOptionValueSource(name) === 'cli';
    return isGiven && !own.has(name);
  });
  if (strange) command.error(`replay log does not take ${strange.long}: it lives all again`);
}

/** `payment-fraud@2`. */
function parseModel(text: string): { readonly name: string; readonly version: number } {
  const [, name, version] = /^([a-z][a-z0-9-]*)@([1-9]\d{0,5})$/.exec(text) ?? [];
  if (name !== undefined) return { name, version: Number(version) };
  throw new InvalidArgumentError('Give a name and a version, such as payment-fraud@2.');
}

/** `channel=mobile`; what looks like a number or a boolean is one. */
function parseWhere(text: string): {
  readonly fact: string;
  readonly value: string | number | boolean;
} {
  const [, fact, value = ''] = /^([a-z][a-z0-9_]*)=(.+)$/.exec(text) ?? [];
  if (fact === undefined)
    throw new InvalidArgumentError('Give a fact and its value: channel=mobile.');
  if (value === 'true' || value === 'false') return { fact, value: value === 'true' };
  return { fact, value: /^-?\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value };
}
