// The door of the AI plane: models propose scores, and never touch a balance.
export {
  type FeatureDescription,
  featureCatalogue,
  type Span,
  spansMs,
} from './features/catalogue.ts';
export { createHistory, type History } from './features/history.ts';
export { lookUpFeatures } from './features/look-up.ts';
export { featureProjection } from './features/projection.ts';
export type { FeatureQuestion, FeatureValues } from './features/read.ts';
export {
  type Entities,
  type EntityKind,
  entitiesOf,
  entityKinds,
  featureInstant,
  fraudReadings,
  paymentReadings,
} from './features/readings.ts';
export {
  surveyTraining,
  type TrainingQuestion,
  type TrainingRow,
  type TrainingSurvey,
  trainingRows,
} from './features/training.ts';
export { type ModelCard, modelCard, type ModelInput } from './models/card.ts';
export { type Lift, liftOf, liftVerdicts } from './learning/lift.ts';
export { type BatchScorer, openBatchScorer } from './learning/batch-scorer.ts';
export { evaluateOffPolicy, type OffPolicy, type Shown } from './learning/off-policy.ts';
export { smoothPropensity } from './learning/smoothing.ts';
export { qini, type Trial, upliftAuc } from './learning/uplift.ts';
export {
  countMember,
  fairnessOf,
  type GroupFairness,
  type Tallies,
} from './monitoring/fairness.ts';
export { counterOf, countValue, measureDrift } from './monitoring/drift.ts';
export { validateApart } from './models/apart.ts';
export { type Models, openModels, type Serving } from './models/load.ts';
export { keepArtefact } from './models/registering.ts';
export { modelOperations, modelPayloads, modelSchemas } from './models/registry.ts';
export { type ModelReplay, replayModel } from './models/replay.ts';
export { simulateModel, type SimulationReport } from './models/simulate.ts';
export { validateModel, type ValidationReport } from './models/validation.ts';
export {
  findVersion,
  listModelActs,
  listModels,
  listVersions,
  modelActOf,
  type ModelActView,
  type ModelView,
  readModel,
  readVersion,
  type VersionView,
} from './models/views.ts';
export { featureReader, type ReadFeatures } from './features/reader.ts';
export type { ModelInputs, ScoreQuestion } from './scoring/inputs.ts';
export { recordedScorer } from './scoring/recorded.ts';
export { scoreFacts } from './scoring/score-facts.ts';
export { createScorer, type Scorer } from './scoring/scorer.ts';
export {
  fallbackReasons,
  type Score,
  scoreEvent,
  scorePayloads,
  scoreStages,
} from './scoring/score.ts';
export {
  controlOperations,
  controlPayloads,
  type ControlRun,
  dayToTest,
  runControls,
} from './monitoring/control-runs.ts';
export { listAlerts, listControlRuns } from './monitoring/control-views.ts';
export { controls, limitDirections, limitUnits } from './monitoring/controls.ts';
export {
  type LabelBody,
  type Labelled,
  labelOperations,
  labelPayloads,
  type LabelRecordBody,
  labelSchemas,
  listLabels,
} from './monitoring/labels.ts';
export { performanceOf } from './monitoring/performance.ts';
export { scoreProjection } from './monitoring/projection.ts';
export { type Report, reportOn } from './monitoring/report.ts';
export { readWatched } from './monitoring/watched.ts';
export type { SummaryEvidence } from './summary/evidence.ts';
export { type Summary, summarize } from './summary/summary.ts';
export { openLanguageModel } from './llm/endpoint.ts';
export type { LanguageModel } from './llm/model.ts';
export {
  callPayload,
  callPlace,
  type CallTexts,
  readCalls,
  readSealed,
} from './prompts/calls.ts';
export { promptSchemas, shippedPrompts } from './prompts/file.ts';
export { createPrompter, type Prompter } from './prompts/prompter.ts';
export {
  type ApproveBody,
  promptBodies,
  promptOperations,
  promptPayloads,
} from './prompts/registry.ts';
export { listPromptActs, listPrompts, readPrompt } from './prompts/views.ts';
export { checkModels } from './verify.ts';
