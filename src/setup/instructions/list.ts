import type { ClientKind } from '../../contract/access.ts'
import { chatgpt } from './chatgpt.ts'
import { claude } from './claude.ts'
import type { Instructions } from './instructions.ts'
import { other } from './other.ts'

export const instructions: Readonly<Record<ClientKind, Instructions>> = { chatgpt, claude, other }

/** Which app goes by that claimed name; null when none that we know. */
export function kindOf(clientName: string): ClientKind | null {
  const known = Object.values(instructions).find(({ registersAs }) => registersAs?.test(clientName))
  return known?.client ?? null
}
