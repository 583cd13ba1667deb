// `countersign rebuild`: a projection from the log alone, compared with the live one and swapped.
import { Fault, openDatabase, rebuildProjection } from '#core';
import { moneyProjections } from '#money';
import { type GlobalOptions, say, withInstallation } from './installation.ts';
import { createProgress } from './progress.ts';

export async function rebuild(name: string, options: GlobalOptions): Promise<void> {
  const projection = moneyProjections.find((each) => each.name === name);
  if (projection === undefined) {
    const names = moneyProjections.map((each) => each.name).join(' and ');
    throw new Fault('input_invalid', `there is no projection ${name}: there are ${names}`);
  }
  await withInstallation(options, async ({ databaseUrl: url, keyring }) => {
    const database = openDatabase({
      url,
      password: keyring.databasePassword,
      applicationName: 'countersign rebuild',
    });
    const startedAt = performance.now();
    const bar = createProgress({ label: `rebuilding ${name}`, unit: 'events' });
    try {
      const { events, differences } = await rebuildProjection(
        projection,
        database.pool('app'),
        bar.update,
      );
      bar.finish();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      say(`${name}: ${events} events folded in ${seconds} s; it differs in ${differences} rows`);
      if (differences > 0) process.exitCode = 1;
    } finally {
      await database.close();
    }
  });
}
