// `countersign rebuild`: a projection from the log alone, compared with the live one and swapped.
import { Fault, rebuildProjection } from '#core';
import { type GlobalOptions, say, withDatabase } from './installation.ts';
import { projections } from '../serve.ts';
import { createProgress } from './progress.ts';

export async function rebuild(name: string, options: GlobalOptions): Promise<void> {
  const projection = projections.find((each) => each.name === name);
  if (projection === undefined) {
    const names = projections.map((each) => each.name).join(', ');
    throw new Fault('input_invalid', `there is no projection ${name}: there are ${names}`);
  }
  await withDatabase(options, 'rebuild', async (database) => {
    const startedAt = performance.now();
    const bar = createProgress({ label: `rebuilding ${name}`, unit: 'events' });
    const { events, differences } = await rebuildProjection(
      projection,
      database.pool('app'),
      bar.update,
    );
    bar.finish();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`${name}: ${events} events folded in ${seconds} s; it differs in ${differences} rows`);
    if (differences > 0) process.exitCode = 1;
  });
}
