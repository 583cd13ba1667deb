// Small files that must survive a power cut: written aside, flushed, then renamed into place.
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** When it returns, the file holds `text`, whole, whatever happens next. */
export function writeDurably(path: string, text: string, mode = 0o644): void {
  const aside = `${path}.${process.pid}.new`;
  writeFileSync(aside, text, { mode, flush: true });
  renameSync(aside, path);
  // The rename itself lasts only once its folder is on disk; Windows cannot open one.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
