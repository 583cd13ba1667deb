// Screening, as the rest of the policy plane and its door see it.
export { type EntityType, entityTypes, type ListEntry } from './entry.ts';
export { screeningFacts, type ScreeningFacts } from './facts.ts';
export { parseOfac } from './lists/ofac.ts';
export { parsePep, pepColumns } from './lists/pep.ts';
export { parseUn } from './lists/un.ts';
export {
  isLoaded,
  type ListFiles,
  type ListFormat,
  listFormats,
  listOperations,
  listPayloads,
  stageList,
} from './load.ts';
export { buildMatcher, type Listed, type Match, type Matcher, type Subject } from './matcher.ts';
export {
  clearanceReasons,
  screeningOperations,
  screeningPayloads,
  screeningSchemas,
} from './record.ts';
export {
  hitScoreMin,
  rescreen,
  screen,
  type Screened,
  type ScreeningParts,
  type ScreeningRequest,
  type ValueStore,
} from './screening.ts';
export {
  type ListVersions,
  openWatchlists,
  type OpenWatchlists,
  type Watchlists,
} from './watchlists.ts';
