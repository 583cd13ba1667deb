// What good looks like for each thing that is watched of a model, and what to do when it does not.
export type Guide = { readonly good: string; readonly else: string };

export const guides = {
  drift: {
    good: 'What the model reads and says is spread as in its training; chance alone moves the index up to the line of its size.',
    else: 'Look at the input that moved most. A new product or channel: train anew. A broken feed: repair it. Until then suspend the model, and its stand-in is heard.',
  },
  performance: {
    good: 'The figures lie within the interval that the card promises.',
    else: 'Compare the versions, look at what reviewers overruled, and go back, or train anew with the new labels.',
  },
  calibration: {
    good: 'The points lie on the diagonal: of the cases scored 0.3, three in ten turn out so.',
    else: 'Points above the line: scores are too low, and rules with a threshold on them catch too little. Calibrate anew, and register a new version.',
  },
  fairness: {
    good: 'Every group is let through at four fifths of the best group’s rate or more, and the deserving of every group alike.',
    else: 'A flagged group is no chance. Look for inputs that stand for the group, tell compliance, and suspend the model if people are harmed.',
  },
  latency: {
    good: 'The slowest call in a hundred stays within the budget of the card.',
    else: 'What is late falls back. Look at the load of the server, or use a smaller model.',
  },
  fallback: {
    good: 'The model itself is heard: few calls fall back.',
    else: 'The reason says where to look: missing inputs in the feed, a timeout in the load, low confidence in cases unlike the training.',
  },
} as const satisfies Record<string, Guide>;
