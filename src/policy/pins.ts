import type { Facts } from '../mcp/decision.ts'

/**
 * A pin is what the owner took a tool to be. Today that is whether he took it at all: a tool that came later than its server waits
 * until he has looked at it. What a pin could be compared with is in `CallFacts`.
 */
export const isPinned = ({ accepted }: Facts): boolean => accepted === true
