// `countersign verify`: is everything as it was sealed, signed and posted?
import { checkModels } from '#ai';
import { Fault, joinChecks, type Verification, verifyLog } from '#core';
import { checkPoints } from '#loyalty';
import { checkJournal } from '#money';
import { checkDecisions } from '#policy';
import { readFileSync } from 'node:fs';
import { type GlobalOptions, withInstallation } from './installation.ts';
import { createProgress } from './progress.ts';

export type VerifyOptions = GlobalOptions & {
  readonly checkpoint?: readonly string[];
  /** Every decision is made anew and compared. */
  readonly decisions?: boolean;
};

/** What it means that nothing was found. */
export const agreement =
  'events, leaves, trees, signed heads, journal rows, decisions, models and points agree';

export async function verify(options: VerifyOptions): Promise<void> {
  const verified = await verifyInstallation(options);
  for (const { tenant, size, signed, root } of verified.tenants) {
    const beyond = size > signed ? `, ${size - signed} not yet under a head` : '';
    console.log(`${tenant}: ${size} events${beyond}, root ${root.toString('hex')}`);
  }
  for (const line of tellFindings(verified)) console.log(`✗ ${line}`);
  if (verified.findings.length > 0) {
    process.exitCode = 1;
    return;
  }
  console.log(`✓ ${verified.events} ${agreement}`);
}

export async function verifyInstallation(options: VerifyOptions): Promise<Verification> {
  const outside = (options.checkpoint ?? []).map(readCheckpoint);
  const { decisions: isRepeating = false } = options;
  return withInstallation(options, async ({ databaseUrl: url, keyring }) => {
    const bar = createProgress({ label: 'verifying', unit: 'events' });
    const verified = await verifyLog({
      url,
      logId: keyring.logId,
      publicKeys: keyring.checkpointPublicKeys,
      outside,
      journal: joinChecks(
        checkJournal(),
        checkDecisions({ isRepeating }),
        checkModels(keyring.checkpointPublicKeys),
        checkPoints(),
      ),
      progress: bar.update,
    });
    bar.finish();
    return verified;
  });
}

/** One line a finding, the row first. */
export function tellFindings({ findings, omitted }: Verification): string[] {
  const lines = findings.map(({ tenant, what, event, position, detail }) => {
    const place = position === undefined ? '' : ` at position ${position}`;
    return `${tenant}: ${what}${place}${event ? ` (${event})` : ''}: ${detail}`;
  });
  return omitted > 0 ? [...lines, `and ${omitted} more`] : lines;
}

function readCheckpoint(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('input_invalid', `the checkpoint ${path} cannot be read`, { cause });
  }
}
