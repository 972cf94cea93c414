/**
 * Runs a curl command line as it stands in a guide, by fetch: on every system, and to addresses that only the test's own
 * `fetch` finds. Understands what those guides use: -X, -H, -d, -v, -I, quotes and line ends with a backslash. Anything
 * else throws.
 */
export function curl(line: string, fetch: typeof globalThis.fetch = globalThis.fetch): Promise<Response> {
  const [program, ...words] = split(line)
  if (program !== 'curl') throw new Error(`not a curl command: ${line}`)
  // curl's own defaults; fetch sends the same Accept.
  const headers = new Headers({ accept: '*/*' })
  let url: string | undefined
  let method: string | undefined
  let body: string | undefined
  while (words.length > 0) {
    const word = words.shift()!
    if (word === '-X') method = words.shift()
    else if (word === '-I') method = 'HEAD'
    else if (word === '-d') body = words.shift()
    else if (word === '-H') {
      const header = words.shift() ?? ''
      const at = header.indexOf(':')
      headers.set(header.slice(0, at), header.slice(at + 1).trim())
    } else if (word !== '-v') {
      if (word.startsWith('-') || url !== undefined) throw new Error(`curl ${word}: not understood`)
      url = word
    }
  }
  if (url === undefined) throw new Error(`no address in: ${line}`)
  if (body !== undefined && !headers.has('content-type'))
    headers.set('content-type', 'application/x-www-form-urlencoded')
  return fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    // curl follows no redirect unless told.
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
}

/** Words of a POSIX shell, without expansions. */
function split(line: string): string[] {
  const words: string[] = []
  const pattern = /\s*(?:\\\n)?\s*((?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"\\])+)/gy
  for (let match = pattern.exec(line); match; match = pattern.exec(line))
    words.push(
      match[1]!.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
        (_all, single?: string, double?: string) => single ?? double!.replace(/\\(.)/g, '$1'),
      ),
    )
  return words
}
