/**
 * The number of a fresh address: `?v=2` behind ours is the same place under a name that no client has a list for. Exactly so, and nothing
 * else behind it. Empty: there is none.
 */
export const freshMark = (target: string): string => /\?v=\d{1,12}$/.exec(target)?.[0] ?? ''
