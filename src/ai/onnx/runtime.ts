// The optional way to evaluate any other graph: onnxruntime-node, where somebody has installed it.
//
// It runs in a thread of its own, because native code can hang: past its deadline, the thread is
// ended with everything that it was asked, and the next question starts another.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { assert, Fault } from '#core';
import type { WorkerAnswer, WorkerQuestion, WorkerStart } from './runtime-worker.ts';

export type AsyncEvaluator = {
  readonly width: number;
  /** Throws `deadline_exceeded`, or `model_invalid` where the runtime fails. */
  readonly score: (vector: Float32Array, deadlineMs: number) => Promise<number>;
  /** It then answers no more. */
  readonly close: () => Promise<void>;
};

export type RuntimeOptions = {
  readonly loadDeadlineMs?: number;
  /** What is imported as the runtime. */
  readonly runtime?: string;
};

const defaults = { loadDeadlineMs: 10_000, runtime: 'onnxruntime-node' };
const moduleOfWorker = new URL('./runtime-worker.ts', import.meta.url);

/** Throws `model_runtime_missing` where the runtime is not installed. */
export async function loadWithRuntime(
  bytes: Uint8Array,
  options: RuntimeOptions = {},
): Promise<AsyncEvaluator> {
  const { loadDeadlineMs, runtime } = { ...defaults, ...options };
  const start = () => startThread({ bytes, runtime }, loadDeadlineMs);
  let thread: Promise<Thread> | undefined = start();
  let isClosed = false;
  const { width } = await thread;
  return {
    width,
    async score(vector, deadlineMs) {
      assert(
        vector.length === width,
        `a vector of ${vector.length} for a model of ${width} inputs`,
      );
      if (isClosed) throw closed();
      thread ??= start();
      const asked = thread;
      try {
        return await (await asked).ask(vector, deadlineMs);
      } catch (fault) {
        // Started anew by the next question; what another has started meanwhile stays.
        if (thread === asked && (await isOver(asked))) thread = undefined;
        throw fault;
      }
    },
    async close() {
      isClosed = true;
      await thread?.then(({ end }) => end()).catch(() => undefined);
    },
  };
}

type Thread = {
  readonly width: number;
  readonly ask: (vector: Float32Array, deadlineMs: number) => Promise<number>;
  readonly isOver: () => boolean;
  readonly end: () => Promise<void>;
};

async function isOver(thread: Promise<Thread>): Promise<boolean> {
  return thread.then((it) => it.isOver()).catch(() => true);
}

async function startThread(start: WorkerStart, loadDeadlineMs: number): Promise<Thread> {
  const worker = new Worker(moduleOfWorker, { workerData: start });
  const waiting = new Map<number, PromiseWithResolvers<number>>();
  let over: Fault | undefined;
  let asked = 0;

  async function end(fault: Fault): Promise<void> {
    over ??= fault;
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
    await worker.terminate();
  }
  worker.on('error', (cause) => void end(broken(cause)));
  worker.on('exit', () => void end(new Fault('model_invalid', 'its thread has ended')));
  const signal = AbortSignal.timeout(loadDeadlineMs);
  try {
    const [first] = (await once(worker, 'message', { signal })) as [WorkerAnswer];
    const width = widthOf(first, start.runtime);
    worker.on('message', (answer: WorkerAnswer) => settle(waiting, answer));
    worker.unref();
    return { width, ask, isOver: () => over !== undefined, end: () => end(closed()) };
  } catch (cause) {
    const late = signal.aborted ? lateFault('loaded', loadDeadlineMs) : broken(cause);
    const fault = cause instanceof Fault ? cause : late;
    await end(fault);
    throw fault;
  }

  async function ask(vector: Float32Array, deadlineMs: number): Promise<number> {
    if (over !== undefined) throw over;
    asked += 1;
    const id = asked;
    const answer = Promise.withResolvers<number>();
    waiting.set(id, answer);
    const late = () => void end(lateFault('answered', deadlineMs));
    const timer = setTimeout(late, deadlineMs);
    try {
      worker.postMessage({ id, vector } satisfies WorkerQuestion);
      return await answer.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

function widthOf(first: WorkerAnswer, runtime: string): number {
  switch (first.kind) {
    case 'ready':
      return first.width;
    case 'missing':
      throw new Fault('model_runtime_missing', `this model needs ${runtime}: install it first`);
    case 'refused':
      throw new Fault('model_invalid', `${runtime} refuses the model: ${first.why}`);
    default:
      throw new Fault('model_invalid', `${runtime} answered before it was asked`);
  }
}

function settle(waiting: Map<number, PromiseWithResolvers<number>>, answer: WorkerAnswer): void {
  if (answer.kind !== 'score' && answer.kind !== 'failed') return;
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if (answer.kind === 'score') asked?.resolve(answer.value);
  else asked?.reject(new Fault('model_invalid', `the model fails: ${answer.why}`));
}

function lateFault(done: string, deadlineMs: number): Fault {
  return new Fault('deadline_exceeded', `the model has not ${done} within ${deadlineMs} ms`);
}

function broken(cause: unknown): Fault {
  return new Fault('model_invalid', 'the thread of the model broke', { cause });
}

function closed(): Fault {
  return new Fault('shutting_down', 'the model was put away');
}
