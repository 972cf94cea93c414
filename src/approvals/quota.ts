/** What the waiting questions of one client may hold in all, in bytes: each is kept whole until it is answered. */
export const maxWaitingBytes = 4_000_000

const bytesOf = (question: { arguments: string }): number => Buffer.byteLength(question.arguments)

/** Whether one more question of a client fits beside those of it that wait. */
export function fitsQuota(
  waiting: readonly { grantId: string; arguments: string }[],
  next: { grantId: string; arguments: string },
  most = maxWaitingBytes,
): boolean {
  const held = waiting.filter(({ grantId }) => grantId === next.grantId)
  return held.reduce((sum, one) => sum + bytesOf(one), bytesOf(next)) <= most
}
