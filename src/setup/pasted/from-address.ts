import { say } from '../../../locales/say.ts'
import { documentsOf, fromAll } from './from-documents.ts'
import { notUnderstood, type ReadText, rawServer, said } from './raw-server.ts'

const scheme = /^([a-z][a-z0-9+.-]+):/i
/** `mcp.example.com/mcp`, `localhost:3000`. */
const withoutScheme =
  /^(?:localhost|(?:\d{1,3}\.){3}\d{1,3}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?::\d{1,5})?(?:\/\S*)?$/i
const local = /^(?:localhost|127\.\d+\.\d+\.\d+)(?=[:/]|$)/i

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
  const sample = url.replace(/[<>{}[\]$]/g, 'x')
  if (!URL.canParse(sample))
    throw notUnderstood(`${said(url)} is not a whole address.`, 'It looks like https://example.com/mcp.')
  const { hostname, pathname } = new URL(sample)
  if (/^(?:www\.)?(?:github|gitlab|bitbucket|npmjs|pypi)\.(?:com|org)$/.test(hostname))
    throw notUnderstood(
      `${said(hostname)} has a page about the server. The server itself is not there.`,
      'Look on that page for the command, the address or the settings, and paste those.',
    )
  if (/\.(?:mcpb|dxt|zip|tgz|json)$/i.test(pathname))
    throw notUnderstood(
      `${said(url)} is a file to download.`,
      'Paste the command, the address or the settings of the server.',
    )
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
  return byParts(searchParams, say('pasted.linkAddsServer'))
}

/** Links by which apps are told of a server (2026). */
function link(word: string, kind: string): ReadText {
  const what = say('pasted.linkAddsServer9', { kind })
  const query = word.slice(word.indexOf('?') + 1)
  if (/^vscode(?:-insiders)?$/.test(kind) && /^[\w-]+:\/?\/?mcp\/install\?/.test(word))
    return fromAll(documentsOf(decoded(query)), what, say('pasted.theLink'))
  if (/^(?:cursor|lmstudio|kiro|cherrystudio|raycast|goose|windsurf)$/.test(kind) && word.includes('?')) {
    if (kind === 'raycast') return fromAll(documentsOf(decoded(query)), what, say('pasted.theLink'))
    const read = byParts(new URLSearchParams(query), what)
    if (read) return read
  }
  if (kind === 'file')
    throw notUnderstood(
      'A file on this computer is not the address of a server.',
      'Paste the command that starts it, or its folder without “file://”.',
    )
  throw notUnderstood(
    `Drawbridge does not know links that begin with ${said(`${kind}:`)}.`,
    'An address begins with https:// or http://.',
  )
}

function byParts(parts: URLSearchParams, what: string): ReadText | null {
  const [config, servers, name, cmd, url] = ['config', 'servers', 'name', 'cmd', 'url'].map((key) =>
    parts.get(key),
  )
  const json = config ?? servers
  if (json) {
    const read = fromAll(documentsOf(jsonOf(json)), what, say('pasted.theLink'))
    if (name && read.servers.length === 1) for (const server of read.servers) server.name = name
    return read
  }
  if (cmd)
    return {
      what,
      leftOut: [],
      servers: [rawServer({ name: name ?? null, command: cmd, args: parts.getAll('arg') })],
    }
  if (url) return { what, leftOut: [], servers: [rawServer({ name: name ?? null, kind: 'http', url })] }
  return null
}

/** Percent-encoded once or twice. */
function decoded(text: string): string {
  try {
    const once = decodeURIComponent(text)
    return /^%7B|^%22/i.test(once) ? decodeURIComponent(once) : once
  } catch {
    throw notUnderstood('The link is cut off or damaged.', 'Copy it again from the server’s page.')
  }
}

/** As it is, percent-encoded, or in Base64 of either alphabet. */
function jsonOf(text: string): string {
  const plain = decoded(text)
  if (/^\s*[{["]/.test(plain)) return plain
  const base64 = plain.replace(/ /g, '+').replace(/-/g, '+').replace(/_/g, '/')
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64))
    throw notUnderstood('The link has no settings in it.', 'Copy it again from the server’s page.')
  const bytes = Uint8Array.from(atob(base64.replace(/=+$/, '')), (char) => char.charCodeAt(0))
  return decoded(new TextDecoder().decode(bytes))
}
