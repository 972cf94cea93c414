/** A name to start from, so that most people need not think of one: the package or the host. */

/** Of a program: what it starts, or the program itself. May be empty. */
export function nameOfCommand(command: string, args: readonly string[]): string {
  const runner = /(^|[\\/])(npx|pnpm|bunx|uvx|uv|node|python3?|docker|deno|bun)(\.cmd|\.exe)?$/i.test(command)
  const telling = runner
    ? args.find((arg) => !arg.startsWith('-') && !/^(run|exec|dlx|tool|x)$/.test(arg))
    : command
  const names = (telling ?? '').split(/[\\/]/).map(bare).reverse()
  return asServerName(names.find((name) => name !== '' && !saysNothing.test(name)) ?? names[0] ?? '')
}

/** Of an address: the part of its host that tells most. May be empty. */
export function nameOfAddress(url: string): string {
  if (!URL.canParse(url.trim())) return ''
  const { hostname } = new URL(url.trim())
  // The numbers of an IP address are no name.
  if (/^[\d.]+$|^\[/.test(hostname)) return ''
  const labels = hostname.split('.').filter((part) => !/^(www|mcp|api)$/.test(part))
  return asServerName(labels[0] ?? '')
}

/** What a server may be called: of `text`, what is left when the usual ornaments and all that is not allowed are gone. */
export const asServerName = (text: string): string =>
  text
    .replace(/^(mcp-)?server-|-mcp(-server)?$|^mcp-/g, '')
    .replace(/[^\p{L}\p{N} ._-]/gu, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 40)
    .trim()

/** Of a path such as `server-files/dist/index.js`, what is the same for every server. */
const saysNothing = /^(index|main|server|cli|app|start|dist|build|out|src|lib|bin)$/i

const bare = (name: string) => name.replace(/(.)@.*$/, '$1').replace(/\.(js|mjs|cjs|ts|py|exe|cmd|sh)$/, '')
