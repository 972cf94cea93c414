import { createHash } from 'node:crypto'
import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import { checkTool } from './tools/check-tool.ts'

/** What every known client accepts; dots break some. */
export const publicNamePattern = /^[a-zA-Z0-9_-]{1,64}$/
const maxLength = 64

export interface NameRequest {
  slug: string
  tool: string
  prefixed: boolean
  /** Sources asked first keep plain names when two want the same one. */
  first: boolean
  /** What it gets cannot be remembered: it takes nothing that another one wants. */
  last?: boolean
}

/** By code unit: the same on every machine, unlike localeCompare. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const cleaned = (name: string) =>
  publicNamePattern.test(name) ? name : withoutHidden(name).replace(/[^a-zA-Z0-9_-]/g, '_') || '_'

const withHash = (name: string, origin: readonly string[], attempt: number) =>
  `${name.slice(0, maxLength - 9)}_${createHash('sha256')
    .update(JSON.stringify([...origin, attempt]))
    .digest('hex')
    .slice(0, 8)}`

/** `name` when it fits and is free, else one with a hash of where it comes from. */
function free(name: string, origin: readonly string[], taken: Pick<ReadonlySet<string>, 'has'>): string {
  let found = name.length > maxLength ? withHash(name, origin, 0) : name
  for (let attempt = 0; taken.has(found); attempt += 1) found = withHash(name, origin, attempt)
  return found
}

/** What a name is kept by. */
export const nameKey = ({ slug, tool, prefixed }: NameRequest) => `${slug}\0${tool}\0${prefixed}`

/**
 * The id of each tool (or the name of each prompt), in the order asked. The same tools always get the same ids, whatever
 * their order: a name that fits stays as it is; one that is too long, or that another tool has, ends in a short hash of
 * where it comes from. `kept` holds the ids of the tools there are already: none of them changes because of a new one, and
 * afterwards it holds those of `requests`. `isTaken`: whether somebody who is not among them has a name.
 */
export function publicNames(
  requests: readonly NameRequest[],
  kept = new Map<string, string>(),
  isTaken: (name: string) => boolean = () => false,
): string[] {
  const given = new Set<string>()
  const taken = {
    has: (name: string) => given.has(name) || isTaken(name),
    add: (name: string) => given.add(name),
  }
  const names: string[] = new Array(requests.length)
  const fresh: { index: number; request: NameRequest; plain: string; clean: boolean }[] = []
  for (const [index, request] of requests.entries()) {
    const before = kept.get(nameKey(request))
    if (before !== undefined && !given.has(before)) {
      taken.add(before)
      names[index] = before
      continue
    }
    const full = request.prefixed ? `${request.slug}__${request.tool}` : request.tool
    const plain = cleaned(full)
    fresh.push({ index, request, plain, clean: plain === full })
  }
  // Names that needed no change go first, so that they never lose theirs to one that did.
  const isLast = ({ request }: { request: NameRequest }) => Number(request.last === true)
  fresh.sort(
    (a, b) =>
      isLast(a) - isLast(b) ||
      Number(b.clean) - Number(a.clean) ||
      Number(b.request.first) - Number(a.request.first) ||
      compare(a.request.slug, b.request.slug) ||
      compare(a.request.tool, b.request.tool),
  )
  for (const { index, request, plain } of fresh) {
    const name = free(plain, [request.slug, request.tool], taken)
    taken.add(name)
    names[index] = name
  }
  kept.clear()
  for (const [index, request] of requests.entries()) kept.set(nameKey(request), names[index]!)
  return names
}

export interface ShownRequest {
  id: string
  /** The user's own name for it. */
  alias: string | null
  /** Its name at the source, when it is served under that. */
  own: string | null
}

/** What a tool would be called if nobody else were. */
export const wantedName = ({ id, alias, own }: ShownRequest): string =>
  alias ?? (own === null ? id : cleaned(own))

/**
 * The public name of each tool, in the order asked: the alias, or its own name, or its id. When two want the same name, the
 * tool that has it already keeps it; among new ones an id goes before an alias, and that before an own name, and what was
 * asked first goes first. Who gets nothing else is called by its id. `kept` as above. `isAnothers`: whether a name belongs to a
 * tool that is away, or to one that is called something else for now.
 */
export function shownNames(
  requests: readonly ShownRequest[],
  kept = new Map<string, { wanted: string; name: string }>(),
  isAnothers: (name: string, id: string) => boolean = () => false,
): string[] {
  const taken = new Set<string>([checkTool.name])
  const names: string[] = new Array(requests.length)
  const later: { index: number; wanted: string }[][] = [[], [], []]
  const wants = requests.map(wantedName)
  for (const [index, { id, alias, own }] of requests.entries()) {
    const before = kept.get(id)
    if (before !== undefined && before.wanted === wants[index]) {
      taken.add(before.name)
      names[index] = before.name
    } else later[alias !== null ? 1 : own === null ? 0 : 2]!.push({ index, wanted: wants[index]! })
  }
  for (const { index, wanted } of later.flat()) {
    const { id, alias } = requests[index]!
    const fits =
      wanted.length <= maxLength && !taken.has(wanted) && (alias !== null || !isAnothers(wanted, id))
    const name = fits ? wanted : free(id, [id, wanted], taken)
    taken.add(name)
    names[index] = name
  }
  kept.clear()
  for (const [index, { id }] of requests.entries())
    kept.set(id, { wanted: wants[index]!, name: names[index]! })
  return names
}
