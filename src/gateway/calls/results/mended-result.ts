import { isSpecType } from '@modelcontextprotocol/server'
import { checkable, isExactObject } from '../../../kernel/exact-json.ts'
import { shorten } from '../../../kernel/shorten.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { CallMethod } from '../client-request.ts'

/**
 * A result that is not as MCP has it, made whole where it is plain what was meant: one part that nobody knows costs that part and not
 * the answer. `uri`: what was to be read. Where nothing is plain the result comes back as it was, for the check to refuse.
 */
export function mendedResult(method: CallMethod, result: Raw, uri: unknown): Raw {
  const { _meta } = result
  const whole = _meta !== undefined && !isExactObject(_meta) ? without(result, '_meta') : result
  switch (method) {
    case 'tools/call':
      return toolResult(whole)
    case 'resources/read':
      return { ...whole, contents: parts(whole.contents, (part) => content(part, uri)) }
    case 'prompts/get':
      return {
        ...without(whole, ...wrongText(whole, 'description')),
        messages: parts(whole.messages, message),
      }
    case 'completion/complete':
      return completion(whole)
  }
}

/** Parts that are looked at one by one. The check has a limit of its own. */
const mostParts = 2_000
/** Characters of a part that nobody knows, shown as text. */
const mostShown = 2_000

/** `true` as somebody else writes it; itself it needs no mending. */
const isYes = (value: unknown): boolean =>
  value === 1 || (typeof value === 'string' && /^\s*(?:true|yes|1)\s*$/i.test(value))

const text = (words: string): Raw => ({ type: 'text', text: words })

function without(object: Raw, ...names: string[]): Raw {
  if (names.length === 0) return object
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

const wrongText = (object: Raw, ...names: string[]): string[] =>
  names.filter((name) => object[name] !== undefined && typeof object[name] !== 'string')

/** A list of parts; one that stands alone is a list of one. Undefined stays what it is. */
function parts(given: unknown, mend: (part: unknown) => unknown): unknown {
  if (given === undefined) return given
  const list = Array.isArray(given) ? given : [given]
  return list.length > mostParts ? given : list.flatMap(mend)
}

function toolResult(result: Raw): Raw {
  const { content, structuredContent, toolResult: older, isError } = result
  const mended = isError === undefined || typeof isError === 'boolean' ? result : without(result, 'isError')
  if (isYes(isError)) return toolResult({ ...mended, isError: true })
  if (content !== undefined) return { ...mended, content: parts(content, block) }
  // MCP, "Structured content": it stands as a text too, for models that read only that. `toolResult`: MCP 2024-10-07.
  const said = structuredContent ?? older
  if (said !== undefined) return { ...mended, content: [text(JSON.stringify(said))] }
  // One block that stands for the whole.
  if (typeof result.text === 'string') return { ...mended, content: [text(result.text)] }
  const isNothing = Object.keys(mended).every((name) => ['isError', '_meta', 'resultType'].includes(name))
  return isNothing ? { ...mended, content: [] } : result
}

/** A content block as it is when it is one; else what can be saved of it. */
function block(given: unknown): Raw | Raw[] {
  if (given === null || given === undefined) return []
  // A list within the list; those within that one are shown.
  if (Array.isArray(given) && given.length <= mostParts && given.every(isExactObject))
    return given.flatMap<Raw>((one) => block(one))
  if (!isExactObject(given)) return text(typeof given === 'string' ? given : JSON.stringify(given))
  if (isSpecType.ContentBlock(checkable(given))) return given
  const type = typeof given.type === 'string' ? given.type.toLowerCase() : given.type
  // What only says more about it is not worth the block.
  const bare = { ...without(given, 'annotations', '_meta', 'icons'), ...(type !== undefined && { type }) }
  for (const one of [bare, whole(type, bare)])
    if (one !== null && isSpecType.ContentBlock(checkable(one))) return one
  if (type === 'text' || (type === undefined && given.text !== undefined)) {
    const words = given.text ?? ''
    return text(typeof words === 'string' ? words : JSON.stringify(words))
  }
  if (type === 'json' && given.json !== undefined) return text(JSON.stringify(given.json))
  return text(unknownPart(given.type, given))
}

/** The block that was meant, where a part of it is missing or written in somebody else's way; null: nobody knows. */
function whole(type: unknown, given: Raw): Raw | null {
  switch (type) {
    case 'image':
    case 'audio':
    case 'image_url':
      return media(type === 'audio' ? type : 'image', given)
    case 'resource_link': {
      const { uri, name, title } = given
      const odd = wrongText(given, 'description', 'mimeType', 'title')
      const size = typeof given.size === 'number' ? [] : ['size']
      return {
        ...without(given, ...odd, ...size),
        name: [name, title, uri].find((one) => typeof one === 'string'),
      }
    }
    case 'resource': {
      const { resource, uri } = given
      const inner = isExactObject(resource) ? resource : without(given, 'type')
      if (inner.text === undefined && inner.blob === undefined) return null
      const address = [inner.uri, uri].find((one) => typeof one === 'string')
      // What has no address cannot be asked for again; a text is one all the same.
      if (address === undefined) return typeof inner.text === 'string' ? text(inner.text) : null
      return { type, resource: content(inner, address)[0] }
    }
    default:
      return null
  }
}

/** Base64 begins with what the format begins with. */
const formats: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['SUQz', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
]

/** A picture or a sound: a `data:` URL, another alphabet of base64 (RFC 4648 §5), or as the makers of models have it. */
function media(type: string, given: Raw): Raw | null {
  const { source, image_url: link } = given
  const from = isExactObject(source) ? source : isExactObject(link) ? link : given
  const { data: said, url = typeof link === 'string' ? link : undefined } = from
  const [data, typed] = withoutPrefix(said ?? url)
  if (data === null) return null
  const named = [from.mimeType, from.mime_type, from.media_type, from.mimetype, typed]
  const mimeType =
    named.find((one) => typeof one === 'string' && one !== '') ??
    formats.find(([start, format]) => data.startsWith(start) && format.startsWith(type))?.[1]
  return mimeType === undefined ? null : { type, data, mimeType }
}

/** Bytes one by one, as a list or as Node writes a `Buffer` into JSON; else what it was. */
function inBase64(given: unknown): unknown {
  const bytes = isExactObject(given) && given.type === 'Buffer' ? given.data : given
  const isBytes =
    Array.isArray(bytes) &&
    bytes.length > 0 &&
    bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)
  return isBytes ? Buffer.from(bytes as number[]).toString('base64') : given
}

/** Base64 without the beginning of a `data:` URL and in the usual alphabet, and the type that the URL named. */
function withoutPrefix(said: unknown): [data: string | null, type?: string] {
  const given = inBase64(said)
  if (typeof given !== 'string') return [null]
  const [prefix, type] = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,/i.exec(given.slice(0, 200)) ?? [
    '',
  ]
  if (prefix === '' && /^[a-z][a-z\d+.-]*:/i.test(given.slice(0, 40))) return [null]
  const data = given.slice(prefix.length)
  const usual = /[-_]/.test(data) ? data.replaceAll('-', '+').replaceAll('_', '/') : data
  if (/\s/.test(usual)) return [usual, type]
  return [usual.padEnd(Math.ceil(usual.length / 4) * 4, '='), type]
}

/** In place of a part that cannot be passed on, what it was. */
function unknownPart(type: unknown, part: Raw): string {
  const kind = typeof type === 'string' ? ` of the kind “${shorten(type, 60)}”` : ''
  const said = JSON.stringify(part)
  const rest = said.length <= mostShown ? `: ${said}` : '.'
  return `[A part of this answer${kind} is not as MCP has it and cannot be passed on${rest}]`
}

function content(given: unknown, wanted: unknown): unknown[] {
  if (given === null || given === undefined) return []
  if (!isExactObject(given))
    return [{ uri: wanted, text: typeof given === 'string' ? given : JSON.stringify(given) }]
  if (isContents(given)) return [given]
  const uri = typeof given.uri === 'string' ? given.uri : wanted
  const { text: words } = given
  const blob = inBase64(given.blob)
  const whole: Raw = { ...without(given, '_meta', ...wrongText(given, 'mimeType')), uri }
  const said = typeof words === 'string' ? words : words === undefined ? '' : JSON.stringify(words)
  const mended = typeof blob === 'string' ? ofBytes(whole, blob) : { ...without(whole, 'blob'), text: said }
  return isContents(mended) ? [mended] : [{ uri, text: unknownPart(undefined, given) }]
}

function ofBytes(whole: Raw, blob: string): Raw {
  const [data, type] = withoutPrefix(blob)
  return { ...(type !== undefined && { mimeType: type }), ...without(whole, 'text'), blob: data ?? blob }
}

const isContents = (part: Raw): boolean => {
  const read = checkable(part)
  return isSpecType.TextResourceContents(read) || isSpecType.BlobResourceContents(read)
}

function message(given: unknown): unknown[] {
  if (typeof given === 'string') return [{ role: 'user', content: text(given) }]
  if (!isExactObject(given)) return []
  if (isSpecType.PromptMessage(checkable(given))) return [given]
  const role = given.role === 'assistant' ? 'assistant' : 'user'
  const blocks = Array.isArray(given.content) ? given.content : [given.content]
  // One message holds one block.
  return blocks.flatMap(block).map((one) => ({ role, content: one }))
}

function completion(result: Raw): Raw {
  const { completion: given } = result
  const said = isExactObject(given) ? given : { values: given }
  const values = Array.isArray(said.values) ? said.values : []
  const texts = values.filter((value) => typeof value === 'string')
  const hasMore = said.hasMore === true || texts.length > 100
  return { ...result, completion: { values: texts.slice(0, 100), hasMore } }
}
