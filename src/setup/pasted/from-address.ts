import { type Sentence, saidLater, say, sayTheSentence } from '../../../locales/say.ts'
import { documentsOf, fromAll } from './from-documents.ts'
import { notUnderstood, type ReadText, rawServer, said } from './raw-server.ts'

const scheme = /^([a-z][a-z0-9+.-]+):/i
/** `mcp.example.com/mcp`, `localhost:3000`. */
const withoutScheme =
  /^(?:localhost|\[[\da-f.]*:[\da-f:.]*\]|(?:\d{1,3}\.){3}\d{1,3}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?::\d{1,5})?(?:\/\S*)?$/i
const local = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/]|$)/i

/** One word that is an address or a link; null: it is neither. */
export function fromAddress(word: string): ReadText | null {
  const kind = scheme.exec(word)?.[1]?.toLowerCase()
  // `C:\…`, and `localhost:3000`, whose host looks like a scheme.
  if (kind === undefined || kind.length === 1 || /^[a-z0-9.-]+:\d{1,5}(?:\/|$)/i.test(word)) {
    if (word.length > 300 || !withoutScheme.test(word) || !/[:/]/.test(word)) return null
    return address(`${local.test(word) ? 'http' : 'https'}://${word}`)
  }
  if (kind === 'http' || kind === 'https') return installLink(word) ?? address(word)
  return link(word, kind)
}

function address(url: string): ReadText {
  const [host = ''] = /^https?:\/\/\[[\da-f:.]+\]/i.exec(url) ?? []
  const sample = host + url.slice(host.length).replace(/[<>{}[\]$]/g, 'x')
  if (!URL.canParse(sample))
    throw notUnderstood({ says: 'pasted.notWholeAddress', params: { url: said(url) } })
  const { hostname, pathname } = new URL(sample)
  if (/^(?:www\.)?(?:github|gitlab|bitbucket|npmjs|pypi)\.(?:com|org)$/.test(hostname))
    throw notUnderstood({ says: 'pasted.hasPageAboutServer', params: { hostname: said(hostname) } })
  if (/\.(?:mcpb|dxt|zip|tgz|json)$/i.test(pathname))
    throw notUnderstood({ says: 'pasted.fileDownload', params: { url: said(url) } })
  return { what: say('pasted.addressServer'), servers: [rawServer({ kind: 'http', url })], leftOut: [] }
}

/** `https://…/install-mcp?name=…&config=…`: the same as an app's own link, by way of a web page. */
function installLink(word: string): ReadText | null {
  if (!URL.canParse(word)) return null
  const { pathname, searchParams } = new URL(word)
  const inside = searchParams.get('url') ?? ''
  if (/^\/redirect\/?$/.test(pathname) && /^vscode(?:-insiders)?:/.test(inside)) return fromAddress(inside)
  if (
    !/\/(?:install-mcp|mcp\/(?:install|add))\b/.test(pathname) &&
    !/^\/redirect\/mcp\/install$/.test(pathname)
  )
    return null
  return byParts(searchParams, saidLater('pasted.linkAddsServer'))
}

/** Links by which apps are told of a server (2026). */
function link(word: string, kind: string): ReadText {
  const what = saidLater('pasted.linkFor', { kind })
  const query = word.slice(word.indexOf('?') + 1)
  if (/^vscode(?:-insiders)?$/.test(kind) && /^[\w-]+:\/?\/?mcp\/install\?/.test(word))
    return fromAll(documentsOf(decoded(query)), what, saidLater('pasted.theLink'))
  if (/^(?:cursor|lmstudio|kiro|cherrystudio|raycast|goose|windsurf)$/.test(kind) && word.includes('?')) {
    if (kind === 'raycast') return fromAll(documentsOf(decoded(query)), what, saidLater('pasted.theLink'))
    const read = byParts(new URLSearchParams(query), what)
    if (read) return read
  }
  if (kind === 'file') throw notUnderstood({ says: 'pasted.fileOnComputerNot' })
  throw notUnderstood({ says: 'pasted.drawbridgeDoesNotKnow', params: { scheme: said(`${kind}:`) } })
}

function byParts(parts: URLSearchParams, what: Sentence): ReadText | null {
  const [config, servers, name, cmd, url] = ['config', 'servers', 'name', 'cmd', 'url'].map((key) =>
    parts.get(key),
  )
  const json = config ?? servers
  if (json) {
    const read = fromAll(documentsOf(jsonOf(json)), what, saidLater('pasted.theLink'))
    if (name && read.servers.length === 1) for (const server of read.servers) server.name = name
    return read
  }
  if (cmd)
    return {
      what: sayTheSentence(what),
      leftOut: [],
      servers: [rawServer({ name: name ?? null, command: cmd, args: parts.getAll('arg') })],
    }
  if (url)
    return {
      what: sayTheSentence(what),
      leftOut: [],
      servers: [rawServer({ name: name ?? null, kind: 'http', url })],
    }
  return null
}

/** Percent-encoded once or twice. */
function decoded(text: string): string {
  try {
    const once = decodeURIComponent(text)
    return /^%7B|^%22/i.test(once) ? decodeURIComponent(once) : once
  } catch {
    throw notUnderstood({ says: 'pasted.linkCutOffOr' })
  }
}

/** As it is, percent-encoded, or in Base64 of either alphabet. */
function jsonOf(text: string): string {
  const plain = decoded(text)
  if (/^\s*[{["]/.test(plain)) return plain
  const base64 = plain.replace(/ /g, '+').replace(/-/g, '+').replace(/_/g, '/')
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) throw notUnderstood({ says: 'pasted.linkHasNoSettings' })
  return decoded(new TextDecoder().decode(Uint8Array.from(binary(base64), (char) => char.charCodeAt(0))))
}

function binary(base64: string): string {
  try {
    return atob(base64.replace(/=+$/, ''))
  } catch {
    // No Base64 has that length.
    throw notUnderstood({ says: 'pasted.linkCutOffOr' })
  }
}
