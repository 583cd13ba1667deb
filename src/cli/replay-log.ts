// `countersign replay log`: everything on record lived again in an empty database, and compared.
import { type Difference, type Relived, reliveLog, withScratch } from '#replay';
import { type GlobalOptions, say, withInstallation } from './installation.ts';
import { createProgress } from './progress.ts';
import { spanOf } from './span.ts';
import { grouped as n } from './table.ts';

export type ReplayLogOptions = GlobalOptions & {
  readonly to?: string;
  readonly tenant?: string;
  readonly json?: boolean;
};

export async function replayLog(options: ReplayLogOptions): Promise<void> {
  const { tenant, json: isJson = false } = options;
  const { to } = spanOf(options.to === undefined ? {} : { to: options.to });
  await withInstallation(options, async ({ databaseUrl: url, keyring }) => {
    const password = keyring.databasePassword;
    const startedAt = performance.now();
    const relived = await withScratch({ url, password }, (scratchUrl) => {
      const bar = createProgress({ label: 'living again', unit: 'events' });
      const parts = { url, scratchUrl, password, keyring, tenant, to };
      return reliveLog({ ...parts, progress: bar.update }).finally(bar.finish);
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    say(`${n(relived.commands)} commands in ${seconds.toFixed(1)} s`);
    if (isJson) console.log(JSON.stringify(relived));
    else tell(relived);
    if (!relived.isSame) process.exitCode = 1;
  });
}

function tell({ tenants, commands, identical, balances, rows, score, isSame }: Relived): void {
  for (const { tenant, events, differing, added, root, difference } of tenants) {
    if (difference === null) {
      console.log(`✓ ${tenant}: ${n(events)} events, root ${root.lived}`);
      continue;
    }
    const more = added > 0 ? `, ${n(added)} on no record` : '';
    console.log(`✗ ${tenant}: ${n(differing)} of ${n(events)} events came out otherwise${more}`);
    console.log(`  root on record ${root.recorded}\n  root lived     ${root.lived}`);
    for (const line of tellDifference(difference)) console.log(`  ${line}`);
  }
  for (const { table, recorded, lived, isSame: isEqual } of rows ?? []) {
    if (isEqual) continue;
    console.log(`✗ ${table}: ${n(recorded)} rows on record, ${n(lived)} lived, not the same`);
  }
  if (rows === null) console.log('rows and balances are not compared: the record goes on');
  const same = `${n(identical)} of ${n(commands)} outcomes`;
  const and = balances ? ` and ${n(balances.identical)} of ${n(balances.accounts)} balances` : '';
  // Rounded down: 100 % is said of nothing less.
  const percent = Math.floor(score * 10_000) / 100;
  const mark = isSame ? '✓' : '✗';
  console.log(`${mark} ${same}${and} are the same: replay determinism score ${percent} %`);
}

/** The first event that differs: where, in what, and under which decisions. */
function tellDifference(difference: Difference): string[] {
  const { what, position, event_id, type, members, recorded, lived, trouble } = difference;
  const said = {
    otherwise: `came out otherwise in ${members.join(', ')}`,
    missing: 'did not come to be',
    added: 'is on no record',
  }[what];
  const place = position === null ? '' : `at position ${position}: `;
  const side = (name: string, of: Difference['lived']) =>
    of ? [`${name} leaf ${of.digest}, ${of.decision} by ${of.policy_version}`] : [];
  return [
    `first ${place}${type} (${event_id}) ${said}`,
    ...side('on record', recorded),
    ...side('lived    ', lived),
    ...(trouble === null ? [] : [`its command could not be carried out: ${trouble}`]),
  ];
}
