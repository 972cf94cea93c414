// `npm run bench`: Drawbridge beside other gateways. Writes docs/performance.md; see --help.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createSamples } from './measure/samples.ts'
import { everybody, fiftyPart, httpPart, idlePart, modernPart, startPart, stdioPart } from './parts.ts'
import { promises } from './promises.ts'
import { type About, report } from './report.ts'
import type { Plan } from './running.ts'
import { before, commitOf, prepareBefore } from './subjects/before.ts'
import { prepareBare, prepareDirect, prepareStdio } from './subjects/direct.ts'
import { prepareOurs } from './subjects/ours.ts'
import { prepareMcpHub, prepareMcpProxy, prepareSupergateway } from './subjects/peers.ts'
import { bench, killAll, root } from './subjects/processes.ts'

const parts = {
  stdio: stdioPart,
  http: httpPart,
  modern: modernPart,
  start: startPart,
  idle: idlePart,
  fifty: fiftyPart,
}
type Part = keyof typeof parts

const help = `npm run bench -- [options]

  --quick            short rounds, to see that everything works; the figures mean little
  --only PARTS       some of: ${Object.keys(parts).join(',')}
  --subjects NAMES   some of: ${everybody.join(',')}
  --rounds N         how often everybody takes a turn (5)
  --lives N          how often whose steady rate is compared is started anew (3)
  --out FILE         where to write (docs/performance.md; a run that is not complete is printed)
  --entry FILE       another build of Drawbridge to measure
  --before FOLDER    another checkout of Drawbridge, built, as its own bench sets it up: in stdio and modern, in the same turns
  --node OPTIONS     options of Node.js for ours, such as --cpu-prof

A complete run takes about half an hour; after fifty minutes it is given up. Only loopback is used.`

const { values: given, tokens } = parseArgs({
  tokens: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    subjects: { type: 'string' },
    rounds: { type: 'string' },
    lives: { type: 'string' },
    out: { type: 'string' },
    entry: { type: 'string' },
    before: { type: 'string' },
    node: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const longest = 50 * 60_000

function chosen<T extends string>(text: string | undefined, all: readonly T[]): T[] {
  if (text === undefined) return [...all]
  const names = text.split(',') as T[]
  const wrong = names.find((name) => !all.includes(name))
  if (wrong !== undefined) throw new Error(`there is no “${wrong}”; there are ${all.join(', ')}`)
  return names
}

function wholeNumber(option: 'rounds' | 'lives', otherwise: number): number {
  const value = Number(given[option] ?? otherwise)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} takes a whole number`)
  return value
}

const versionIn = (folder: string): string =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version

function versions(names: string[]): Record<string, string> {
  const peers = names.filter((name) => name.startsWith('mcp-') || name === 'supergateway')
  return {
    Drawbridge: versionIn(root),
    ...Object.fromEntries(peers.map((name) => [name, versionIn(join(bench, 'node_modules', name))])),
    '@modelcontextprotocol/server': versionIn(join(root, 'node_modules/@modelcontextprotocol/server')),
  }
}

/** What was asked for; where it is written to does not matter to what stands in it. */
function command(): string {
  const words = tokens.flatMap((token) => {
    if (token.kind !== 'option' || token.name === 'out') return []
    const value = token.value?.includes(' ') ? `"${token.value}"` : token.value
    return [`--${token.name}${value === undefined ? '' : ` ${value}`}`]
  })
  return ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ')
}

async function main(): Promise<void> {
  if (given.help) return console.log(help)
  const wanted = chosen(given.only, Object.keys(parts) as Part[])
  const names = chosen(given.subjects, everybody)
  const rounds = wholeNumber('rounds', given.quick ? 1 : 5)
  const lives = wholeNumber('lives', given.quick ? 1 : 3)
  const build = { entry: given.entry && resolve(given.entry), nodeOptions: given.node?.split(' ') }
  const all = new Map([
    ['ours', prepareOurs(build)],
    ['ours-by-rule', prepareOurs({ ...build, changes: true })],
    ['mcp-hub', prepareMcpHub],
    ['mcp-proxy', prepareMcpProxy],
    ['supergateway', prepareSupergateway],
    ['bare', prepareBare],
    ['direct', prepareDirect],
    ['stdio', prepareStdio],
  ])
  if (given.before !== undefined) {
    all.set(before, await prepareBefore(resolve(given.before)))
    names.push(before)
  }
  const began = Date.now()
  const samples = createSamples()
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'))
  process.on('exit', () => {
    killAll()
    rmSync(folder, { recursive: true, force: true })
  })
  const plan: Plan = {
    rounds,
    lives,
    ...(given.quick
      ? { milliseconds: 300, turns: 1, warmUp: 300, settle: 2_000 }
      : { milliseconds: 1_500, turns: 6, warmUp: 8_000, settle: 30_000 }),
    subjects: new Map(names.map((name) => [name, all.get(name)!])),
    folder,
    samples,
    say: (line) =>
      process.stderr.write(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${line}\n`),
  }
  setTimeout(() => {
    process.stderr.write('Given up after fifty minutes.\n')
    process.exit(1)
  }, longest).unref()
  for (const part of wanted) await parts[part](plan)

  const promised = promises(samples)
  const isComplete =
    !given.quick &&
    [given.only, given.subjects, given.before, given.entry, given.node].every(
      (option) => option === undefined,
    ) &&
    rounds >= 5 &&
    lives >= 3
  const about: About = {
    command: command(),
    date: new Date(),
    ...{ rounds, lives, milliseconds: plan.milliseconds, turns: plan.turns, warmUp: plan.warmUp },
    minutes: (Date.now() - began) / 60_000,
    versions: { ...versions(names), ...(given.before && { [before]: commitOf(given.before) }) },
  }
  const text = report(samples, promised, about)
  const out = given.out ?? (isComplete ? join(root, 'docs/performance.md') : null)
  if (out === null) console.log(text)
  else writeFileSync(out, text)
  for (const { words, measured, held } of promised)
    if (out !== null)
      console.log(`${held === null ? '  –' : held ? 'yes' : ' no'}  ${words}: ${measured || 'not measured'}`)
  if (samples.failures().some(({ subject }) => subject === 'ours' || subject === before)) process.exitCode = 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
// what was started ends with us
process.exit()
