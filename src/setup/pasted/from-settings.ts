import { say } from '../../../locales/say.ts'
import { isHostError } from '../../kernel/errors.ts'
import { isObject } from '../../kernel/is-object.ts'
import { fromEntry, isEntry } from './from-entry.ts'
import {
  notUnderstood,
  type PasteInput,
  type ReadText,
  refuseTooMany,
  said,
  wholeCharacters,
  wordsOf,
} from './raw-server.ts'

/** Where apps keep their servers, and how that is called. A dot in a key is one. */
const places: readonly { path: readonly string[]; what: () => string }[] = [
  { path: ['mcpServers'], what: () => say('pasted.settingsAsClaudeDesktop') },
  { path: ['mcp', 'servers'], what: () => say('pasted.settingsVsCodeOr') },
  { path: ['servers'], what: () => say('pasted.settingsVsCode') },
  { path: ['context_servers'], what: () => say('pasted.settingsZed') },
  { path: ['mcp_servers'], what: () => say('pasted.settingsCodex') },
  { path: ['amp.mcpServers'], what: () => say('pasted.settingsAmp') },
  { path: ['mcp'], what: () => say('pasted.settingsOpencode') },
  { path: ['extensions'], what: () => say('pasted.settingsGoose') },
  { path: ['experimental', 'modelContextProtocolServers'], what: () => say('pasted.settingsContinue') },
]

/** What one parsed text holds, in all places; null: nothing that describes a server. */
export function fromSettings(root: unknown): ReadText | null {
  const inputs = inputsOf(root)
  const found = [...ofPlaces(root), ...ofProjects(root)]
  if (found[0])
    return readAll(
      found.flatMap(({ held }) => pairsOf(held)),
      inputs,
      found[0].what,
    )
  if (isEntry(root)) return readAll([[null, root]], inputs, say('pasted.settingsOneServer'))
  if (holdsServers(root)) return readAll(pairsOf(root), inputs, say('pasted.settingsServer'))
  return null
}

interface Found {
  held: Record<string, unknown> | unknown[]
  what: string
}

function ofPlaces(root: unknown): Found[] {
  const found: (Found & { path: readonly string[] })[] = []
  for (const { path, what } of places) {
    const held = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), root)
    // Of `mcp.servers`, `mcp` is only what stands around it.
    if (found.some((inner) => path.every((key, at) => inner.path[at] === key))) continue
    if (holdsServers(held) || (/servers$/i.test(path.join()) && meansServers(held)))
      found.push({ held, what: what(), path })
  }
  return found
}

/** `~/.claude.json` has the servers of each project apart. */
const ofProjects = (root: unknown): Found[] =>
  (isObject(root) && isObject(root.projects) ? Object.values(root.projects) : [])
    .map((project) => (isObject(project) ? project.mcpServers : null))
    .filter((held) => holdsServers(held) || meansServers(held))
    .map((held) => ({ held, what: say('pasted.settingsClaudeCode') }))

/** Where nothing but servers can stand, also those are named that cannot be used. */
const meansServers = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && !isEntry(value) && Object.values(value).some(isObject)

const holdsServers = (value: unknown): value is Record<string, unknown> | unknown[] =>
  Array.isArray(value) ? value.some(isEntry) : isObject(value) && Object.values(value).some(isEntry)

const pairsOf = (held: Record<string, unknown> | unknown[]): [string | null, unknown][] =>
  Array.isArray(held) ? held.map((entry) => [null, entry]) : Object.entries(held)

function readAll(
  pairs: [string | null, unknown][],
  inputs: ReadonlyMap<string, PasteInput>,
  what: string,
): ReadText {
  refuseTooMany(pairs.length)
  const read: ReadText = { what, servers: [], leftOut: [] }
  for (const [name, entry] of pairs) {
    const called =
      name ?? (isObject(entry) && typeof entry.name === 'string' ? entry.name : say('pasted.oneWithoutName'))
    try {
      if (!isEntry(entry)) throw notUnderstood({ says: 'pasted.hasNeitherCommandNor' })
      read.servers.push(fromEntry(entry, name, inputs))
    } catch (error) {
      if (!isHostError(error)) throw error
      read.leftOut.push({ name: called, why: wordsOf(error) })
    }
  }
  const [first] = read.leftOut
  if (read.servers.length === 0 && first)
    throw notUnderstood({ says: 'pasted.cannotBeAdded', params: { name: said(first.name), why: first.why } })
  return read
}

/** What VS Code would ask for, by id: beside the servers, or in what one link or line brings. */
function inputsOf(root: unknown): Map<string, PasteInput> {
  const inputs = new Map<string, PasteInput>()
  const held = isObject(root)
    ? (root.inputs ?? (isObject(root.mcp) ? root.mcp.inputs : undefined))
    : undefined
  for (const input of Array.isArray(held) ? held : []) {
    if (!isObject(input) || typeof input.id !== 'string') continue
    inputs.set(input.id, {
      description:
        typeof input.description === 'string' ? wholeCharacters(input.description.slice(0, 300)) : null,
      secret: input.password === true,
      preset: typeof input.default === 'string' ? input.default : '',
      choices: Array.isArray(input.options)
        ? input.options
            .map((one) => (isObject(one) ? one.value : one))
            .filter((one): one is string => typeof one === 'string')
        : null,
    })
  }
  return inputs
}
