import { createHash } from 'node:crypto'
import { visibleText } from './visible-text.ts'

/** What every known client accepts; dots break some. */
export const publicNamePattern = /^[a-zA-Z0-9_-]{1,64}$/
const maxLength = 64

export interface NameRequest {
  slug: string
  tool: string
  prefixed: boolean
  /** Sources asked first keep plain names when two want the same one. */
  first: boolean
}

const hash = (request: NameRequest, round: number) =>
  createHash('sha256')
    .update(JSON.stringify([request.slug, request.tool, round]))
    .digest('hex')
    .slice(0, 8)

const fullName = ({ slug, tool, prefixed }: NameRequest) => (prefixed ? `${slug}__${tool}` : tool)

const withHash = (name: string, request: NameRequest, round: number) =>
  `${name.slice(0, maxLength - 9)}_${hash(request, round)}`

/**
 * The public name of each tool, in the order asked. The same tools always get the same names, whatever their order: a
 * name that fits stays as it is; one that is too long, or that another tool has, ends in a short hash of where it
 * comes from.
 */
export function publicNames(requests: readonly NameRequest[]): string[] {
  const order = requests.map((request, index) => {
    const full = fullName(request)
    const plain = visibleText(full).replace(/[^a-zA-Z0-9_-]/g, '_') || '_'
    return { index, request, plain, clean: plain === full }
  })
  // Names that needed no change go first, so that they never lose theirs to one that did.
  order.sort(
    (a, b) =>
      Number(b.clean) - Number(a.clean) ||
      Number(b.request.first) - Number(a.request.first) ||
      compare(a.request.slug, b.request.slug) ||
      compare(a.request.tool, b.request.tool),
  )
  const taken = new Set<string>()
  const names: string[] = new Array(requests.length)
  for (const { index, request, plain } of order) {
    let name = plain.length > maxLength ? withHash(plain, request, 0) : plain
    for (let round = 0; taken.has(name); round += 1) name = withHash(plain, request, round)
    taken.add(name)
    names[index] = name
  }
  return names
}

/** By code unit: the same on every machine, unlike localeCompare. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
