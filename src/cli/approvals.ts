// `countersign approvals`: who asks whom to agree to what, and what comes of it.
import { Fault, instantToText, type Json, systemClock } from '#core';
import type { Approval } from '#policy';
import { type Client, clientOf, pages, type ServedOptions } from './client.ts';
import { say } from './installation.ts';
import { readJson } from './replay.ts';
import { table } from './table.ts';

type Shown = Approval & { readonly subject: Json };

const hourMs = 3_600_000;

/** What waits stands first in the list of the server: without `all` the rest is not asked for. */
export async function listApprovals(
  options: ServedOptions & { readonly all?: boolean },
): Promise<void> {
  const { all = false, json = false } = options;
  const approvals: Approval[] = [];
  for await (const each of pages<Approval>(clientOf(options), '/v1/approvals')) {
    if (!all && each.status !== 'pending') break;
    approvals.push(each);
  }
  if (json) {
    console.log(JSON.stringify(approvals));
    return;
  }
  if (approvals.length === 0) {
    say(all ? 'nobody has asked for an approval' : 'no approval waits for anybody');
    return;
  }
  const rows = approvals.map((each) => [
    ...[each.id, stateOf(each), each.subject_kind, each.maker, each.expires_at, each.summary],
  ]);
  console.log(table(['approval', 'status', 'for', 'asked by', 'until', 'summary'], rows, 6));
}

export async function showApproval(id: string, options: ServedOptions): Promise<void> {
  const shown = await clientOf(options).get<Shown>(pathOf(id));
  if (options.json) {
    console.log(JSON.stringify(shown));
    return;
  }
  const { verdicts, subject, used_by } = shown;
  const rows = [
    ['status', stateOf(shown)],
    ['for', `${shown.subject_kind}, subject digest ${shown.subject_digest}`],
    ['summary', shown.summary],
    ['asked', `by ${shown.maker} at ${shown.requested_at}, until ${shown.expires_at}`],
    ...verdicts.map(({ checker, verdict, reason, decided_at }) => [
      verdict,
      `by ${checker} at ${decided_at}: ${reason}`,
    ]),
    ...(shown.ended_at === null ? [] : [[shown.status, `at ${shown.ended_at}`]]),
    ...(used_by === null ? [] : [['used by', used_by]]),
  ];
  console.log(table([id], rows, 2));
  if (subject !== null) console.log(`\n${JSON.stringify(subject, null, 2)}`);
}

export async function requestApproval(
  kind: string,
  options: ServedOptions & {
    readonly subject?: string;
    readonly digest?: string;
    readonly summary: string;
    readonly checkers: number;
    readonly hours: number;
  },
): Promise<void> {
  const { subject, digest, summary, checkers, hours } = options;
  if (subject === undefined && digest === undefined) {
    throw new Fault('input_invalid', 'of what? give --subject with a file, or its --digest');
  }
  const asked = await clientOf(options).post<Shown>('/v1/approvals', {
    subject_kind: kind,
    ...(subject === undefined ? {} : { subject: readJson(subject) }),
    ...(digest === undefined ? {} : { subject_digest: digest }),
    summary,
    required_checkers: checkers,
    expires_at: instantToText(systemClock().now() + hours * hourMs),
  });
  if (options.json) {
    console.log(JSON.stringify(asked));
    return;
  }
  const others = checkers === 1 ? 'one other person' : `${checkers} other people`;
  say(`${asked.maker} asks ${others}, until ${asked.expires_at}`);
  console.log(asked.id);
}

export async function decideApproval(
  id: string,
  options: ServedOptions & {
    readonly verdict: 'approve' | 'reject';
    readonly reason: string;
  },
): Promise<void> {
  const { verdict, reason } = options;
  await act(options, ({ post }) => post(`${pathOf(id)}/decide`, { verdict, reason }));
}

export async function withdrawApproval(id: string, options: ServedOptions): Promise<void> {
  await act(options, ({ post }) => post(`${pathOf(id)}/withdraw`, {}));
}

async function act(
  options: ServedOptions,
  change: (client: Client) => Promise<Shown>,
): Promise<void> {
  const changed = await change(clientOf(options));
  console.log(options.json ? JSON.stringify(changed) : `${changed.id}: ${stateOf(changed)}`);
}

/** `pending, 1 of 2`: how many have agreed counts as long as more have to. */
function stateOf({ status, verdicts, required_checkers }: Approval): string {
  const given = verdicts.filter(({ verdict }) => verdict === 'approve').length;
  return status === 'pending' ? `pending, ${given} of ${required_checkers}` : status;
}

function pathOf(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}
