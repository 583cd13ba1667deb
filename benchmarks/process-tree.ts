// The time that a process and all that it has started have had of the processors.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts it in hundredths of a second (proc(5), sysconf(_SC_CLK_TCK)). */
const tickMs = 10;

export function treeCpuMs(root: number): number {
  const all = readdirSync('/proc').flatMap((name) => processIn(name));
  const tree = new Set([root]);
  // Children have been started after their parents, yet ids may have gone round: until none is new.
  for (let size = 0; size < tree.size; ) {
    size = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  return all.reduce((sum, { pid, ticks }) => sum + (tree.has(pid) ? ticks * tickMs : 0), 0);
}

function processIn(name: string) {
  if (!/^\d+$/.test(name)) return [];
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The name of the program may hold anything: what follows it is told apart by the bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [parent, own, system] = [fields[1], fields[11], fields[12]].map(Number);
    // Of children that have ended: what they have used is not lost.
    const ended = Number(fields[13]) + Number(fields[14]);
    return [{ pid: Number(name), parent: parent ?? 0, ticks: (own ?? 0) + (system ?? 0) + ended }];
  } catch {
    return [];
  }
}
