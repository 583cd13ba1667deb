// What the operating system knows about a process id, so that a lock left by a dead one is stale.
import { readFileSync } from 'node:fs';

/** Whether a process with this id runs, whoever owns it. A zombie has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
}

/**
 * Tells two processes apart that had the same id one after the other: the boot, and the tick at
 * which the process started. Undefined where there is no /proc.
 */
export function processIdentity(pid: number): string | undefined {
  const boot = readProc('sys/kernel/random/boot_id')?.trim();
  const startTicks = statFields(pid)?.[19];
  return boot === undefined || startTicks === undefined ? undefined : `${boot}/${startTicks}`;
}

/** The name of a process's program (at most 15 letters), or undefined where it is unknown. */
export function processName(pid: number): string | undefined {
  return readProc(`${pid}/comm`)?.trim();
}

/** proc(5), /proc/pid/stat from its third field on: the second may contain blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  const stat = readProc(`${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readProc(name: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
