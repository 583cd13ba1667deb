// `countersign keys rotate`: a new key beside the old ones.
import { type RotatableKind, readServerLock, rotateKey, systemRandom } from '#core';
import { type GlobalOptions, say } from './installation.ts';

export function rotateKeys(kind: RotatableKind, { data }: GlobalOptions): void {
  const id = rotateKey(data, kind, systemRandom());
  const running = readServerLock(data);
  say(
    running === undefined
      ? `${id} is current from the next start on`
      : `${id} is current once the server at ${running.url} is started again`,
  );
}
