/**
 * For the Node that Drawbridge runs in. V8 lets its nursery grow to 96 MB under load and gives little of it back. With 2 MB for each of
 * its three parts it stays in the processor's own memory: one call at a time takes 3 % less than with 16 MB, 8 and 32 at a time cost
 * the same. So small, it is collected faster by one thread than by waking others to help: 2 to 3 % of a call's CPU, eight at a time.
 * Most of what one call passes through is small functions, from many files: with four times the room to join them into one, half of the
 * calls that come one at a time take 2 to 3 % less.
 * V8 collects garbage by itself while little is going on, and throws away code with it: instead we do so when nobody calls at all
 * (`src/system/collect-when-quiet.ts`), and calls that come now and then take 5 to 8 % less.
 * Only the command line sets this: once a program runs, V8 takes no notice.
 */
export const nodeFlags = [
  '--max-semi-space-size=2',
  '--no-parallel-scavenge',
  '--no-memory-reducer',
  '--max-inlined-bytecode-size=2000',
  '--max-inlined-bytecode-size-cumulative=4800',
  '--max-inlined-bytecode-size-small=60',
]
