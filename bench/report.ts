import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import type { Metric, Samples } from './measure/samples.ts'
import type { Promised } from './promises.ts'

export interface About {
  command: string
  date: Date
  rounds: number
  lives: number
  /** Of one round of one subject, in milliseconds. */
  milliseconds: number
  /** In which it has that time. */
  turns: number
  /** Load on each subject before the first round, in milliseconds. */
  warmUp: number
  minutes: number
  /** Name and version of what was measured. */
  versions: Record<string, string>
}

/** The whole of docs/performance.md. */
export function report(samples: Samples, promised: Promised[], about: About): string {
  const held = promised.filter((one) => one.held === true).length
  return `${[
    '# Performance',
    introduction(about),
    '## What we promise',
    `${held} of ${promised.length} held in this run.`,
    table(
      ['promise', 'measured', 'held'],
      promised.map(({ words, measured, held }) => [
        words,
        measured || 'not measured',
        held === null ? '–' : held ? 'yes' : '**no**',
      ]),
    ),
    '## One server over stdio',
    ...[1, 8, 32].flatMap((n) => loadTable(samples, `stdio ${n}`, concurrency(n))),
    '## One server over HTTP',
    'mcp-proxy and supergateway do not stand in front of HTTP servers.',
    ...[1, 8, 32].flatMap((n) => loadTable(samples, `http ${n}`, concurrency(n))),
    '## A steady 100 calls a second',
    ...loadTable(
      samples,
      'steady',
      'In front of one server over stdio, whether earlier calls are answered or not.',
    ),
    '## In 2026-07-28',
    'In front of one server over stdio that speaks this revision too. The other gateways do not know it.',
    ...[1, 8, 32].flatMap((n) => loadTable(samples, `modern ${n}`, concurrency(n))),
    ...loadTable(samples, 'modern steady', steadyWords),
    '## Clients of 2025-11-25 before a server of 2026-07-28',
    'Drawbridge speaks the newer revision to a server that knows both, whatever its clients speak. So it translates here; *direct* does not.',
    ...[1, 8, 32].flatMap((n) => loadTable(samples, `mixed ${n}`, concurrency(n))),
    ...loadTable(samples, 'mixed steady', steadyWords),
    '## Fifty servers over stdio, twenty tools each',
    ...startTable(
      samples,
      'start 50',
      'Started together, from spawning the gateway; milliseconds. They had been started once before.',
    ),
    ...listTable(samples),
    ...[1, 8, 32].flatMap((n) => loadTable(samples, `fifty ${n}`, `${concurrency(n)} To all fifty in turn.`)),
    '## Start and memory',
    ...startTable(
      samples,
      'start 1',
      'One server over stdio; milliseconds from spawning the gateway. It too had been started once before.',
    ),
    ...memoryTable(samples),
    ...failures(samples),
  ].join('\n\n')}\n`
}

function introduction({
  command,
  date,
  rounds,
  lives,
  milliseconds,
  turns,
  warmUp,
  minutes,
  versions,
}: About): string {
  const day = date.toISOString().slice(0, 10)
  const machine = `${cpus().length} processor cores, ${Math.round(totalmem() / 1e9)} GB of memory, ${system()}`
  return `Written by \`${command}\` on ${day}, in ${minutes.toFixed(0)} minutes. Nothing here is edited by hand: run it to get your own.

- **Where**: ${machine}, Node.js ${process.versions.node}. Everything on loopback; gateway, upstream and load generator share the cores.
- **Who**: ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(
      ', ',
    )}. *ours* is Drawbridge as it is built for users, in a process of its own, with everything on: a bearer key
  that is asked about changes, an answer of the owner remembered for the tool, policy, pins, checks of results, notes of what was read, the chained
  log on disk (an answer leaves after its row is there). Only the limit of requests a minute is off. The others check no key and keep no log.
  supergateway runs with sessions (without, it starts a server for every request); mcp-hub is spoken to by HTTP with server-sent events, the only
  way it has.
- **direct** is the same server with the SDK's own HTTP server, called without a gateway: what a call costs anyhow.
  **stdio** is the same server called over its pipes, without HTTP. **bare** is a gateway that does nothing (\`bench/subjects/bare-gateway.mjs\`): Node's
  own HTTP server before the same pipes, which checks, decides and writes down nothing. What ours costs is the distance to it.
- **ours-by-rule** is the same with the tool counted as one that changes something, so that nothing but the remembered answer allows a call. Such a
  call has its row in the database before it begins, too. The promises are about calls that change nothing.
- **What**: an \`echo\` tool of a server made with the official SDK. Every call sends another text, and every answer must
  have the right id and give that text back; one wrong answer fails the round. Over stdio the server speaks 2025-11-25, as
  nearly all servers do and as all gateways here can: everybody asks it the same. Newer servers have tables of their own. Over HTTP it speaks
  2026-07-28 too, and Drawbridge does then.
- **How**: ${rounds} rounds of ${(milliseconds / 1000).toFixed(1)} s, twice that for one call at a time. All programs of a table run at once and take turns of ${Math.round(milliseconds / turns)} ms in changing order, so that
  whatever else the computer does meets all of them. Before the first round each is called for ${(warmUp / 1000).toFixed(1)} s, eight calls at a time: V8 compiles what is
  called often, for all of them, and until that is done a call costs two to three times as much. At a steady rate ours, bare and direct
  are compared over ${lives} lives: started anew, called as often as before, ${rounds} rounds again. A figure is the median of the rounds; ± is half the distance between the best and the
  worst round. Percentiles are exact, by rank.
- **CPU** is user and system time of the gateway's whole process tree per call, what it does between its turns included. The upstream server
  is shown apart (for *direct* and *stdio* it is the server itself).
- **Noise**: absolute figures change from computer to computer, and on a shared one from minute to minute, easily by a third.
  Compare within a table; believe a ratio when it is clearly larger than the ± of both sides. On two cores, calls/s measures the sum of
  gateway, upstream and load generator; CPU per call is the steadier figure.`
}

/** The name of the system in general words. */
function system(): string {
  try {
    return /^NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
  } catch {
    return process.platform
  }
}

const steadyWords = 'A steady 100 calls a second, whether earlier ones are answered or not.'
const concurrency = (n: number) => (n === 1 ? 'One call at a time.' : `${n} calls at a time.`)

const columns: [Metric, string, number][] = [
  ['perSecond', 'calls/s', 0],
  ['p50', 'p50 ms', 2],
  ['p95', 'p95 ms', 2],
  ['p99', 'p99 ms', 2],
  ['gatewayCpu', 'gateway CPU µs', 0],
  ['upstreamCpu', 'upstream CPU µs', 0],
]

function loadTable(samples: Samples, part: string, words: string): string[] {
  const rows = samples
    .subjects(part)
    .map((name) => [name, ...columns.map(([metric, , digits]) => cell(samples, part, name, metric, digits))])
  return rows.length === 0 ? [] : [words, table(['', ...columns.map(([, title]) => title)], rows)]
}

function startTable(samples: Samples, part: string, words: string): string[] {
  const rows = samples
    .subjects(part)
    .map((name) => [name, cell(samples, part, name, 'first', 0), cell(samples, part, name, 'all', 0)])
  return rows.length === 0
    ? []
    : [words, table(['', 'first good answer', 'all upstreams have answered'], rows)]
}

function listTable(samples: Samples): string[] {
  const rows = samples
    .subjects('list')
    .map((name) => [
      name,
      ...columns.slice(1, 5).map(([metric, , digits]) => cell(samples, 'list', name, metric, digits)),
    ])
  return rows.length === 0
    ? []
    : [
        '`tools/list` of all 1,000 tools, one at a time.',
        table(['', 'p50 ms', 'p95 ms', 'p99 ms', 'gateway CPU µs'], rows),
      ]
}

function memoryTable(samples: Samples): string[] {
  const names = samples.subjects('idle 1')
  const shown = (part: string, name: string) => {
    const bytes = samples.median(part, name, 'memory')
    return bytes === null ? '–' : (bytes / 1e6).toFixed(0)
  }
  return names.length === 0
    ? []
    : [
        'Resident memory of an idle gateway, MB (10⁶ bytes), without its upstream servers, half a minute after its only call.',
        table(
          ['', 'one upstream', 'fifty upstreams'],
          names.map((name) => [name, shown('idle 1', name), shown('idle 50', name)]),
        ),
      ]
}

function failures(samples: Samples): string[] {
  const failed = samples.failures()
  return failed.length === 0
    ? []
    : [
        '## What did not work',
        failed
          .map(({ part, subject, reason }) => `- ${part}, ${subject}: ${reason.split('\n')[0]}`)
          .join('\n'),
      ]
}

function cell(samples: Samples, part: string, name: string, metric: Metric, digits: number): string {
  const value = samples.median(part, name, metric)
  const range = samples.range(part, name, metric)
  if (value === null || range === null) return '–'
  const spread = (range[1] - range[0]) / 2
  return `${number(value, digits)} ± ${number(spread, digits)}`
}

const number = (value: number, digits: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

function table(titles: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(titles), line(titles.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}
