// The options of `countersign approvals`, with examples.
import { type Command, InvalidArgumentError } from 'commander';
import { type Served, served, servedHelp } from './served.ts';

export function addApprovalCommands(program: Command): void {
  const approvals = program
    .command('approvals')
    .description('what people ask other people to agree to: four eyes');
  approvals.addHelpText(
    'after',
    `
Examples:
  countersign approvals list --tenant demo-bank
  countersign approvals request command --digest 51154b… --summary "paper CA-17, dec_…"
  countersign approvals request rollout.set --subject change.json --summary "offers to 5 %"
  countersign approvals approve apr_… --reason "paper CA-17 seen" --key "$BEN"
${servedHelp}
Nobody decides on an own request: --key must be that of another person.`,
  );
  const add = served(approvals);
  addReads(add);
  addRequest(add);
  addVerdicts(add);
}

function addReads(add: Served): void {
  add('list', 'what waits for checkers, the oldest first')
    .option('--all', 'then the rest too, the newest first')
    .action(async (_options, command: Command) => {
      const { listApprovals } = await import('./approvals.ts');
      await listApprovals(command.optsWithGlobals());
    });
  add('show', 'one approval: its subject, and who has said what')
    .argument('<id>', 'apr_…')
    .action(async (id: string, _options, command: Command) => {
      const { showApproval } = await import('./approvals.ts');
      await showApproval(id, command.optsWithGlobals());
    });
}

function addRequest(add: Served): void {
  add('request', 'ask other people to approve one exact thing')
    .argument('<kind>', 'the operation that will use it, such as rollout.set, or `command`')
    .option('--subject <file>', 'what is to be done, as JSON, for the checkers to read')
    .option('--digest <hex>', 'or its digest, as the refusal has named it')
    .requiredOption('--summary <text>', 'why, for the checkers; no personal data')
    .option('--checkers <number>', 'how many have to agree, at most 3', parseCheckers, 1)
    .option('--hours <number>', 'how long it may be used', parseHours, 24)
    .addHelpText(
      'after',
      `
Example:
  countersign approvals request command --summary "paper CA-17, dec_…" --checkers 2 \\
    --digest 51154b355cc20d274de7f60a9b9ef1714a8c5f9d7b030802d2376a81976dc45b`,
    )
    .action(async (kind: string, _options, command: Command) => {
      const { requestApproval } = await import('./approvals.ts');
      await requestApproval(kind, command.optsWithGlobals());
    });
}

function addVerdicts(add: Served): void {
  const words = { approve: 'agree', reject: 'refuse, which ends it unless it was used already' };
  for (const verdict of ['approve', 'reject'] as const) {
    add(verdict, words[verdict])
      .argument('<id>', 'apr_…')
      .requiredOption('--reason <text>', 'on what grounds; no personal data')
      .action(async (id: string, _options, command: Command) => {
        const { decideApproval } = await import('./approvals.ts');
        await decideApproval(id, { ...command.optsWithGlobals(), verdict });
      });
  }
  add('withdraw', 'take an own request back')
    .argument('<id>', 'apr_…')
    .action(async (id: string, _options, command: Command) => {
      const { withdrawApproval } = await import('./approvals.ts');
      await withdrawApproval(id, command.optsWithGlobals());
    });
}

function parseCheckers(text: string): number {
  if (!/^[1-3]$/.test(text)) throw new InvalidArgumentError('Give 1 to 3.');
  return Number(text);
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (!/^[1-9]\d{0,3}$/.test(text) || hours > 2_160) {
    throw new InvalidArgumentError('Give 1 to 2160: an approval lives for at most 90 days.');
  }
  return hours;
}
