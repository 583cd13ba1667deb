// The door: what processes measure, how the objectives stand, and the alerts on them.
export {
  countOpenAlerts,
  listAlerts as listSloAlerts,
  sloOperations,
  sloPayloads,
} from './alerts.ts';
export {
  type Board,
  type HistoryStep,
  historyStepsMs,
  isMeasured,
  type Maturity,
  readBoard,
  readHistory,
  readMaturity,
  type Reading,
  stepsOf,
} from './board.ts';
export { flowMinutesMax, readFlow } from './flow.ts';
export { objectives, type Window, windows } from './objectives.ts';
export { sloProjection } from './projection.ts';
export { createRecorder, keepFlushing, type Recorder } from './recorder.ts';
export { watchObjectives } from './watch.ts';
