import { type FailurePolicy, type WindowPolicy, withFailure } from 'nest-gatehouse/auth/storage';
import type { mongo } from 'mongoose';

/** What `withFailure` does, as an update that the server makes in one step. */
export function failurePipeline(policy: FailurePolicy, now: number): mongo.Document[] {
  const branches = turningPoints(policy).map((failures) => ({
    case: { $gte: ['$$failures', failures] },
    then: endsAfter(failures, policy, now),
  }));
  return counting(now, { $switch: { branches: branches.reverse() } });
}

/** What `withWindowFailure` does, as an update that the server makes in one step. */
export function windowPipeline({ limit, window }: WindowPolicy, now: number): mongo.Document[] {
  const end = { $cond: ['$$isLive', '$expiresAt', new Date(now + window)] };
  const blockedUntil = { $cond: [{ $gte: ['$$failures', limit] }, end, null] };
  return counting(now, { blockedUntil, expiresAt: end });
}

/**
 * @param ends `blockedUntil` and `expiresAt` of the new counter, whose number is `$$failures`; `$$isLive` says whether
 * there was one before
 */
function counting(now: number, ends: mongo.Document): mongo.Document[] {
  const present = new Date(now);
  const isLive = { $and: [{ $gt: ['$failures', 0] }, { $gt: ['$expiresAt', present] }] };
  const isBlocked = { $and: ['$$isLive', { $gt: ['$blockedUntil', present] }] };
  const failures = { $add: [{ $cond: ['$$isLive', '$failures', 0] }, 1] };
  const counted = {
    $let: { vars: { failures }, in: { $mergeObjects: [{ _id: '$_id', failures: '$$failures' }, ends] } },
  };
  return [{ $replaceWith: { $let: { vars: { isLive }, in: { $cond: [isBlocked, '$$ROOT', counted] } } } }];
}

/**
 * The numbers of failures at which the delay changes, ascending. Any other number has the delay of the next lower one.
 */
function turningPoints({ freeFailures, maxDelay, hardLimit }: FailurePolicy): number[] {
  const doublings = Math.max(0, Math.ceil(Math.log2(maxDelay)));
  const delayed = Array.from({ length: doublings + 1 }, (_, n) => Math.max(1, freeFailures) + n);
  return [1, ...delayed.filter((failures) => failures < hardLimit), hardLimit];
}

function endsAfter(failures: number, policy: FailurePolicy, now: number): mongo.Document {
  const before = { failures: failures - 1, blockedUntil: 0, expiresAt: Number.POSITIVE_INFINITY };
  const { blockedUntil, expiresAt } = withFailure(before, policy, now)!;
  return { blockedUntil: blockedUntil === 0 ? null : new Date(blockedUntil), expiresAt: new Date(expiresAt) };
}
