/**
 * For the Node that Drawbridge runs in. V8 lets its nursery grow to 128 MB under load; an eighth costs no throughput that could be
 * measured. Only the command line sets it: once a program runs, V8 takes no notice.
 */
export const nodeFlags = ['--max-semi-space-size=8']
