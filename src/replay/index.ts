// The door of replay: logs lived again in an empty database, and decisions made again on request.
export type { Difference } from './difference.ts';
export { recordedCommands } from './record.ts';
export { type Relived, reliveLog } from './relive.ts';
export { runOpenReplays, runReplays } from './requested.ts';
export { withScratch } from './scratch.ts';
