/**
 * Programs that fetch another program and start it. `child`: what it fetched runs as a child of it or in its place. `itself`: it runs
 * what it fetched within itself or elsewhere, so that only its words tell.
 */
export type Runner = 'child' | 'itself'

/** By name: what has to follow for it to fetch something; null: it always may. */
const runners: Record<string, { follows: RegExp | null; how: Runner }> = {
  npx: { follows: null, how: 'child' },
  pnpx: { follows: null, how: 'child' },
  bunx: { follows: null, how: 'child' },
  uvx: { follows: null, how: 'child' },
  dnx: { follows: null, how: 'child' },
  npm: { follows: /^(exec|x)\b/, how: 'child' },
  pnpm: { follows: /^dlx\b/, how: 'child' },
  yarn: { follows: /^dlx\b/, how: 'child' },
  yarnpkg: { follows: /^dlx\b/, how: 'child' },
  bun: { follows: /^x\b/, how: 'child' },
  uv: { follows: /^(run|tool run|tool uvx|x)\b/, how: 'child' },
  pipx: { follows: /^run\b/, how: 'child' },
  dotnet: { follows: /^(dnx|tool exec|tool execute)\b/, how: 'child' },
  go: { follows: /^run\b/, how: 'child' },
  nix: { follows: /^(run|shell|develop)\b/, how: 'child' },
  deno: { follows: /^(run|serve|x)\b/, how: 'itself' },
  docker: { follows: /^(container |compose )?run\b/, how: 'itself' },
  podman: { follows: /^(container )?run\b/, how: 'itself' },
  nerdctl: { follows: /^(container )?run\b/, how: 'itself' },
}

/** What runs a script of one of those, or stands before its name. */
const carriers = /^(node|nodejs|python[\d.]*|corepack|env|cmd|command|sudo)$/
const shells = /^(sh|bash|dash|zsh|cmd)$/

/** Whether this command line is that of a package runner, and of which kind; null: it is the program itself. */
export function runnerOf(command: readonly string[]): Runner | null {
  // npm calls itself “npm exec NAME”, in one word.
  let words = command.length === 1 ? command[0]!.split(/\s+/) : [...command]
  const first = nameOf(words[0] ?? '')
  if (shells.test(first)) {
    const at = words.findIndex((word) => /^-[a-z]*c$|^\/c$/i.test(word))
    // A whole line of commands: what it begins with.
    if (at > 0)
      words = words
        .slice(at + 1)
        .join(' ')
        .split(/\s+/)
  }
  while (words.length > 1 && (carriers.test(nameOf(words[0]!)) || /^(-|[A-Za-z_]\w*=)/.test(words[0]!)))
    words = words.slice(1)
  const runner = runners[nameOf(words[0] ?? '')]
  if (!runner) return null
  if (runner.follows === null) return runner.how
  // Options may stand before it, and what they are given.
  const rest = words.slice(1)
  const isOption = (word: string | undefined) => word?.startsWith('-') === true
  const at = rest.findIndex((word, index) => !isOption(word) && !isOption(rest[index - 1]))
  const given = rest.findIndex((word) => !isOption(word))
  return [given, at].some((from) => from >= 0 && runner.follows!.test(rest.slice(from, from + 2).join(' ')))
    ? runner.how
    : null
}

const nameOf = (path: string) =>
  (path.split(/[\\/]/).at(-1) ?? '').toLowerCase().replace(/(-cli)?\.(exe|cmd|bat|ps1|js|cjs|mjs)$/, '')

/** What such programs write while they fetch. */
const fetching =
  /^(Unable to find image|Trying to pull|Pulling |[\w./-]+: Pulling from|[\da-f]{12}: |Getting image source|Copying (blob|config)|Digest: |Download |Downloading |Initialize |Installing |Resolving |Compiling )/
const fetched =
  /^(Status: (Downloaded|Image is up to date)|Writing manifest to image destination|Storing signatures)/

/** What a line on standard error says about fetching: true: it goes on; false: it is over. */
export const saysFetching = (line: string): boolean =>
  !fetched.test(line.trimStart()) && fetching.test(line.trimStart())
