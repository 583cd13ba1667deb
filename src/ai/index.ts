// The door of the AI plane: models propose scores, and never touch a balance.
export { type ModelCard, modelCard, type ModelInput } from './models/card.ts';
