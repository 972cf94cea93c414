/**
 * For the Node that Drawbridge runs in. V8 lets its nursery grow to 96 MB under load and gives little of it back; a third of that costs
 * no throughput that could be measured. Only the command line sets this: once a program runs, V8 takes no notice.
 */
export const nodeFlags = ['--max-semi-space-size=8']
