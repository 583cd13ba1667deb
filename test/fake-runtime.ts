// The optional runtime, played by a module that does what a test needs: it is never installed.
import { type OpenEvaluator, openEvaluator } from '../src/ai/models/evaluator.ts';

/**
 * Of so many inputs, it answers their sum; it hangs the whole thread where the first is 666, and
 * throws where it is 13. An artefact that begins with 1 is refused, and one with 2 never loaded.
 */
export function fakeRuntime(width: number): string {
  const module = `
    export class Tensor {
      constructor(type, data) { this.data = data; }
    }
    export const InferenceSession = {
      async create(bytes) {
        if (bytes[0] === 1) throw new Error('opset 99');
        if (bytes[0] === 2) for (;;);
        return {
          inputNames: ['x'],
          inputMetadata: [{ type: 'float32', shape: ['rows', ${width}] }],
          outputNames: ['y'],
          async run({ x }) {
            if (x.data[0] === 666) for (;;);
            if (x.data[0] === 13) throw new Error('unlucky');
            return { y: { data: Float32Array.of(x.data.reduce((sum, each) => sum + each)) } };
          },
        };
      },
    };`;
  return `data:text/javascript,${encodeURIComponent(module)}`;
}

export function openWith(runtime: string): OpenEvaluator {
  return (card, bytes) => openEvaluator(card, bytes, { runtime });
}
