// `countersign backup` and `countersign restore`.
import {
  backupDatabase,
  ensureDatabase,
  Fault,
  migrate,
  readServerLock,
  restoreDatabase,
  systemClock,
} from '#core';
import { type GlobalOptions, say, withInstallation } from './installation.ts';
import { createProgress } from './progress.ts';

export async function backup(folder: string, options: GlobalOptions): Promise<void> {
  await withInstallation(options, async ({ databaseUrl: url, keyring }) => {
    const bar = createProgress({ label: 'writing', unit: 'tables' });
    const { tables, rows } = await backupDatabase({
      url,
      folder,
      logId: keyring.logId,
      clock: systemClock(),
      progress: bar.update,
    });
    bar.finish();
    say(`${rows} rows of ${tables} tables are in ${folder}
keep a copy of ${options.data}/keys elsewhere: a restore needs it`);
  });
}

export async function restore(folder: string, options: GlobalOptions): Promise<void> {
  const running = readServerLock(options.data);
  if (running !== undefined) {
    throw new Fault('data_folder_in_use', `stop the server at ${running.url} first`);
  }
  await withInstallation(
    options,
    async ({ databaseUrl: url, keyring }) => {
      await ensureDatabase(url);
      await migrate({ url, password: keyring.databasePassword, progress: say });
      const bar = createProgress({ label: 'reading', unit: 'tables' });
      const { tables, rows } = await restoreDatabase({
        url,
        folder,
        logId: keyring.logId,
        clock: systemClock(),
        progress: bar.update,
      });
      bar.finish();
      say(`${rows} rows of ${tables} tables were restored
every log goes on under a new origin: no head that was signed after the backup can be forked`);
    },
    { create: true },
  );
}
