// `countersign migrate`: the schema of this version, before its servers start.
import { migrate } from '#core';
import { type GlobalOptions, say, withInstallation } from './installation.ts';

export async function migrateInstallation(options: GlobalOptions): Promise<void> {
  await withInstallation(
    options,
    async ({ databaseUrl, keyring }) => {
      const password = keyring.databasePassword;
      const { version, applied } = await migrate({ url: databaseUrl, password, progress: say });
      say(
        applied.length === 0
          ? `the schema is at version ${version} already`
          : `the schema is at version ${version} now`,
      );
    },
    { create: true },
  );
}
