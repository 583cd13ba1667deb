// What scores by a model: its graph or its parameters as they are evaluated here, or onnxruntime
// where its card says so.
import { Fault } from '#core';
import { isParameters, loadParameters } from '../lifetime/parameters.ts';
import { type Evaluator, loadOnnx } from '../onnx/model.ts';
import { loadWithRuntime, type RuntimeOptions } from '../onnx/runtime.ts';
import type { ModelCard } from './card.ts';

export type ModelEvaluator = {
  readonly width: number;
  /** At once, or, where a runtime answers, within so many milliseconds or never. */
  readonly score: (vector: Float32Array, leftMs: number) => number | Promise<number>;
  /** Undefined where nobody can tell what an input did to a score. */
  readonly explain: Evaluator['explain'] | undefined;
  readonly base: number;
  /** Where something goes on until it is put away: it then answers no more. */
  readonly close?: () => Promise<void>;
};

export type OpenEvaluator = (
  card: Pick<ModelCard, 'runtime'>,
  bytes: Uint8Array,
) => Promise<ModelEvaluator>;

/** Throws `model_invalid`, `model_runtime_missing`, or `deadline_exceeded` as it is loaded. */
export async function openEvaluator(
  { runtime }: Pick<ModelCard, 'runtime'>,
  bytes: Uint8Array,
  options: RuntimeOptions = {},
): Promise<ModelEvaluator> {
  if (runtime === undefined) return loadHere(bytes);
  const evaluator = await loadWithRuntime(bytes, options);
  return { ...evaluator, explain: undefined, base: 0 };
}

/** What is evaluated in this process. */
export function loadHere(bytes: Uint8Array): Evaluator {
  if (isParameters(bytes)) return loadParameters(bytes);
  try {
    return loadOnnx(bytes);
  } catch (cause) {
    // What is no whole file is none for anybody.
    const isForeign = cause instanceof Fault && /operator|domain/.test(cause.message);
    if (!isForeign) throw cause;
    const elsewhere = 'a card may leave its graph to onnxruntime: see its member `runtime`';
    throw new Fault('model_invalid', `${cause.message}; ${elsewhere}`, { cause });
  }
}
