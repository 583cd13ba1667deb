// The features of many cases at a time.
import { type Pool, type SharedRead, sharedRead } from '#core';
import { type FeatureQuestion, type FeatureValues, readFeatures } from './read.ts';

export type ReadFeatures = SharedRead<FeatureQuestion, FeatureValues>;

/** `pool` is of the role `ai`, in pipeline mode. */
export function featureReader(pool: Pool): ReadFeatures {
  return sharedRead({ name: 'features', pool, read: readFeatures });
}
