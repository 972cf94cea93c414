/**
 * For the Node that Drawbridge runs in. V8 lets its nursery grow to 128 MB under load; an eighth costs no throughput that could be
 * measured. Collecting so little with several threads costs more than it saves: without them a call took 7 % less processor time. Only
 * the command line sets these: once a program runs, V8 takes no notice.
 */
export const nodeFlags = ['--max-semi-space-size=8', '--no-parallel-scavenge']
