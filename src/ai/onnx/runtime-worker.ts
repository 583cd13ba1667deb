// The other side of runtime.ts: onnxruntime in a thread of its own, which can be ended at any time.
import { parentPort, workerData } from 'node:worker_threads';

export type WorkerStart = {
  readonly bytes: Uint8Array;
  /** What is imported as the runtime. */
  readonly runtime: string;
};
export type WorkerQuestion = { readonly id: number; readonly vector: Float32Array };
/** The answer `ready` comes first, once. */
export type WorkerAnswer =
  | { readonly kind: 'ready'; readonly width: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'score'; readonly id: number; readonly value: number }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };

/** As much of onnxruntime-node as is used. */
type Runtime = {
  readonly InferenceSession: {
    readonly create: (
      bytes: Uint8Array,
      options: { readonly intraOpNumThreads: number },
    ) => Promise<Session>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
};
type Session = {
  readonly inputNames: readonly string[];
  readonly inputMetadata: readonly {
    readonly type?: string;
    readonly shape?: readonly unknown[];
  }[];
  readonly outputNames: readonly string[];
  readonly run: (
    feeds: Readonly<Record<string, unknown>>,
    outputs: readonly string[],
  ) => Promise<Readonly<Record<string, { readonly data: unknown }>>>;
};

await main(workerData as WorkerStart);

async function main({ bytes, runtime: name }: WorkerStart): Promise<void> {
  let runtime: Runtime;
  try {
    const found = await import(name);
    runtime = (found.InferenceSession === undefined ? found.default : found) as Runtime;
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    return tell(isMissing ? { kind: 'missing' } : { kind: 'refused', why: reason(cause) });
  }
  try {
    const session = await runtime.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const width = widthOf(session);
    parentPort?.on('message', (question: WorkerQuestion) => {
      void answer(runtime, session, question).then(tell);
    });
    tell({ kind: 'ready', width });
  } catch (cause) {
    tell({ kind: 'refused', why: reason(cause) });
  }
}

function widthOf({ inputNames, inputMetadata }: Session): number {
  const [input] = inputMetadata;
  const width = input?.shape?.[1];
  const isVector = input?.type === 'float32' && input.shape?.length === 2;
  if (inputNames.length !== 1 || !isVector || typeof width !== 'number' || width < 1) {
    throw new Error('its input is not one tensor of float numbers [rows, width]');
  }
  return width;
}

/** The last number of the last output: the second class, or the only value. */
async function answer(
  { Tensor }: Runtime,
  session: Session,
  { id, vector }: WorkerQuestion,
): Promise<WorkerAnswer> {
  try {
    const [input = '', output = ''] = [session.inputNames[0], session.outputNames.at(-1)];
    const tensor = new Tensor('float32', vector, [1, vector.length]);
    const data = (await session.run({ [input]: tensor }, [output]))[output]?.data;
    const value: unknown = data instanceof Float32Array ? data.at(-1) : undefined;
    if (typeof value === 'number') return { kind: 'score', id, value };
    return { kind: 'failed', id, why: 'its last output has no float numbers' };
  } catch (cause) {
    return { kind: 'failed', id, why: reason(cause) };
  }
}

function tell(answer: WorkerAnswer): void {
  parentPort?.postMessage(answer);
}

function reason(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 300);
}
