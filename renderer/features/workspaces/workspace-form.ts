import { say } from '../../../locales/say.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'

/** A name for the address from a title: small letters, digits and dashes, 39 signs at most. */
export const suggestAddress = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 39)
    .replace(/^-+|-+$/g, '')

export interface Source {
  id: string
  title: string
  tools: number
}

/** Where tools come from, by name. Sources a workspace has but that are away at the moment stay listed under their id. */
export function sourcesOf(tools: readonly Tool[], chosen: readonly string[] = []): Source[] {
  const sources = new Map<string, Source>()
  for (const tool of tools) {
    const source = sources.get(tool.sourceId)
    if (source) source.tools += 1
    else sources.set(tool.sourceId, { id: tool.sourceId, title: tool.source, tools: 1 })
  }
  for (const id of chosen) if (!sources.has(id)) sources.set(id, { id, title: id, tools: 0 })
  return [...sources.values()].sort((a, b) => a.title.localeCompare(b.title))
}

/** What is wrong with a new workspace's name, seen from here. */
export function wrongAddress(name: string, taken: readonly Workspace[]): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,38}$/.test(name)) return say('workspaces.workspaceForm.useSmallLettersDigits')
  return taken.some((one) => one.name === name) ? say('workspaces.workspaceForm.thereIsAlreadyA') : undefined
}
