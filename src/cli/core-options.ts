// The options by which a command is told of the bank's core, and the core that they lead to.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { CoreConnection } from '#cores';
import type { ConnectedCore } from '../serve.ts';

export type CoreOptions = {
  readonly core?: string;
  readonly coreUrl?: string;
  readonly coreTenant: string;
  readonly coreCredentials?: string;
  readonly coreSettings?: string;
  readonly coreCa?: string;
  readonly coreTimeZone?: string;
};

const options: readonly (readonly [flags: string, about: string, variable: string])[] = [
  ['--core <name>', 'the vendor of the core whose book is the truth', 'COUNTERSIGN_CORE'],
  ['--core-url <url>', 'where it answers', 'COUNTERSIGN_CORE_URL'],
  [
    '--core-credentials <file>',
    'JSON with what the adapter asks for',
    'COUNTERSIGN_CORE_CREDENTIALS',
  ],
  ['--core-settings <file>', 'JSON with what is no secret', 'COUNTERSIGN_CORE_SETTINGS'],
  ['--core-ca <file>', 'PEM of a private authority', 'COUNTERSIGN_CORE_CA'],
  ['--core-time-zone <zone>', 'in which it writes its dates', 'COUNTERSIGN_CORE_TIME_ZONE'],
];

export function addCoreOptions(command: Command): Command {
  for (const [flags, about, variable] of options) {
    command.addOption(new Option(flags, about).env(variable));
  }
  const tenant = new Option('--core-tenant <id>', 'the bank whose core it is');
  return command.addOption(tenant.env('COUNTERSIGN_CORE_TENANT').default('bank'));
}

/** Undefined where no core is named. Says at once what is wrong with it. */
export async function connectedCore(
  given: CoreOptions,
  say: (message: string) => void,
): Promise<(ConnectedCore & { readonly trouble: string | undefined }) | undefined> {
  const connection = await connectionIn(given);
  if (!connection) return undefined;
  const [{ connectCore, probeCore }, { systemClock }] = [
    await import('#cores'),
    await import('#core'),
  ];
  const adapter = await connectCore(connection, systemClock());
  try {
    const trouble = await probeCore(adapter, connection);
    if (trouble !== undefined) say(trouble);
    return { adapter, tenant: connection.tenant, trouble };
  } catch (error) {
    await adapter.close();
    throw error;
  }
}

async function connectionIn(given: CoreOptions): Promise<CoreConnection | undefined> {
  const { core: name, coreUrl: url } = given;
  if (name === undefined && url === undefined) return undefined;
  const { Fault } = await import('#core');
  if (name === undefined) throw new Fault('input_invalid', '--core-url needs --core, its vendor');
  if (url === undefined) throw new Fault('input_invalid', `--core ${name} needs --core-url`);
  const { coreTenant: tenant } = given;
  if (!/^[a-z][a-z0-9-]{1,39}$/.test(tenant)) {
    const form = 'lower-case letters, digits and hyphens';
    throw new Fault('input_invalid', `--core-tenant is 2 to 40 ${form}, not ${tenant}`);
  }
  const { coreCredentials, coreSettings, coreCa, coreTimeZone } = given;
  return {
    ...{ name, url, tenant },
    ...(coreCredentials === undefined ? {} : { credentialsFile: coreCredentials }),
    ...(coreSettings === undefined ? {} : { settingsFile: coreSettings }),
    ...(coreCa === undefined ? {} : { caFile: coreCa }),
    ...(coreTimeZone === undefined ? {} : { timeZone: coreTimeZone }),
  };
}
