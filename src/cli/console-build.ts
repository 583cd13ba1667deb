// Builds the console where a source checkout has none, or one of other sources.
import { sha256Hex } from '#core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

const project = fileURLToPath(new URL('../..', import.meta.url));
const source = join(project, 'console');
export const consoleFolder = join(source, 'dist');
const stampName = 'built-from';
const buildMaxMs = 180_000;

/** Whether the built files are those of the sources; those of a package have no sources beside. */
export function isConsoleBuilt(): boolean {
  if (!existsSync(join(source, 'src'))) return true;
  try {
    return readFileSync(join(consoleFolder, stampName), 'utf8') === stampOf();
  } catch {
    return false;
  }
}

/**
 * In a process of its own, so that the API goes on answering; the folder appears when it is whole.
 * Throws with what the build said.
 */
export async function buildConsole(signal: AbortSignal): Promise<void> {
  const stamp = stampOf();
  const bin = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js');
  const folder = mkdtempSync(join(source, 'dist-'));
  try {
    await build(bin, folder, signal);
    await compressAssets(folder);
    writeFileSync(join(folder, stampName), stamp);
    rmSync(consoleFolder, { recursive: true, force: true });
    renameSync(folder, consoleFolder);
  } catch (error) {
    // Another server of this checkout may have been quicker.
    if (!isConsoleBuilt()) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function build(bin: string, folder: string, signal: AbortSignal): Promise<void> {
  const args = [bin, 'build', source, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'];
  const child = spawn(process.execPath, args, {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: buildMaxMs,
    signal,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the console could not be built: ${said.trim()}`);
}

function stampOf(): string {
  const files = globSync(['src/**/*.*', 'public/*', '*.{html,ts,json}'], { cwd: source }).sort();
  const texts = files.map((file) => `${file}\n${readFileSync(join(source, file), 'utf8')}`);
  return sha256Hex([readFileSync(join(project, 'package-lock.json'), 'utf8'), ...texts].join('\n'));
}

/** Once, here, and not with every answer. */
async function compressAssets(folder: string): Promise<void> {
  for (const file of globSync('assets/*.{js,css}', { cwd: folder })) {
    const path = join(folder, file);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, await promisify(brotliCompress)(bytes));
  }
}
