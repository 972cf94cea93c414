import type { Facts } from '../mcp/decision.ts'

/** The owner switched the tool off, for everybody. Whatever is not plainly on is off. */
export const isSwitchedOff = ({ enabled }: Facts): boolean => enabled !== true

/** What the owner said of a client's calls beforehand: how far it may go with tools of this risk. */
export function ruleOf({ access, risk }: Facts): 'allow' | 'ask' | 'look-only' | 'not-in-grant' {
  switch (access) {
    case 'look':
      return risk === 'read' ? 'allow' : 'look-only'
    case 'ask':
      return risk === 'read' ? 'allow' : 'ask'
    case 'everything':
      return 'allow'
    default:
      return 'not-in-grant'
  }
}
