import type { ClientKind } from '../../contract/access.ts'
import { chatgpt } from './chatgpt.ts'
import { claude } from './claude.ts'
import type { App, Instructions } from './instructions.ts'
import { other } from './other.ts'

const apps: Readonly<Record<ClientKind, App>> = { chatgpt, claude, other }

export const instructionsFor = (client: ClientKind): Instructions => ({ client, ...apps[client].words() })

/** Which app goes by that claimed name; null when none that we know. */
export function kindOf(clientName: string): ClientKind | null {
  const known = Object.values(apps).find(({ registersAs }) => registersAs?.test(clientName))
  return known?.client ?? null
}
