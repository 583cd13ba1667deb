// The options of every command that talks to a server; what they mean stands in client.ts.
import { type Command, Option } from 'commander';

export type Served = (name: string, description: string) => Command;

/** To be said once, in the help of the command that has such subcommands. */
export const servedHelp = `
The server is the one that runs on the data folder, or that of --url; the key is that of --key, or
the one that was kept for --tenant.`;

/** Makes subcommands of `parent` that know these options. */
export function served(parent: Command): Served {
  return (name, description) =>
    parent
      .command(name)
      .description(description)
      .addOption(new Option('--url <url>', 'the server').env('COUNTERSIGN_URL'))
      .addOption(new Option('--key <secret>', 'the API key').env('COUNTERSIGN_KEY'))
      .option('--tenant <id>', 'whose key was kept')
      .option('--json', 'the answer as JSON, where it is a view');
}
