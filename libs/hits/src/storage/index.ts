/** For storages: the contract of hits, and what all stores share. The entry `nest-gatehouse/hits/storage`. */
export {
  admitNames,
  nameOfAgent,
  nameOfRoute,
  namesIn,
  needsRoom,
  withNames,
  type DayNames,
} from './admitted-names.js';
export {
  OTHER,
  STATUS_CLASSES,
  UNMATCHED,
  type AgentHits,
  type Bucket,
  type DayOfUniques,
  type HitBatch,
  type HitCounts,
  type HitLimits,
  type HourOfHits,
  type RouteHits,
  type SessionHits,
  type Span,
  type StatusClass,
  type StatusCounts,
  type Unit,
} from './hit-records.js';
export { HitStorage } from './hit-storage.js';
export { HitStore, type Expiry } from './hit-store.js';
export { byDay, sumAgents, sumCounts, sumRoutes } from './sums.js';
export { DAY, HOUR, monthOf, startOf } from './time-units.js';
