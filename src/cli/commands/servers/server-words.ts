import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { say } from '../../../../locales/say.ts'
import { firstStartWords, longestDownload } from '../../../contract/agreed/first-start.ts'
import type { ShownValue } from '../../../contract/agreed/shown-value.ts'
import { quotedLine, shownJson, visibleLine } from '../../../contract/agreed/visible-text.ts'
import type { Server } from '../../../contract/servers.ts'
import { HostError } from '../../../kernel/errors.ts'
import type { Context } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import { findOne } from '../../find.ts'

/** A download, and a start after it that shows life. */
const startWithin = longestDownload + 310_000
const lookEvery = 200

const serverWords = { kind: 'server', code: 'server-not-found', list: 'drawbridge server list' } as const

/** A command about one server. */
export const aboutServer = (group: Command, name: string, description: string): Command =>
  group.command(name).description(description).argument('<name>', say('cli.server.argument.name'))

export const findServer = async (context: Context, wanted: string): Promise<Server> => {
  const all = await context.host.call('servers.list', undefined)
  return all.find((one) => one.slug === wanted) ?? findOne(all, wanted, serverWords)
}

/** The server as it is once `settled`, or as it is when that takes longer than `within` milliseconds. */
export async function settledServer(
  context: Context,
  server: Server,
  settled: (now: Server) => boolean,
  within: number,
): Promise<Server> {
  const until = Date.now() + within
  let now = server
  while (!settled(now) && Date.now() < until) {
    await delay(lookEvery)
    const all = await context.host.call('servers.list', undefined)
    const found = all.find((one) => one.id === server.id)
    if (!found)
      throw new HostError({
        code: 'server-not-found',
        says: 'server-not-found-server',
        params: { name: server.name },
      })
    now = found
  }
  return now
}

/** Waits until it runs or failed, and says which. */
export async function showStart(context: Context, given: Server): Promise<void> {
  const isUnderWay = ({ state }: Server) => state === 'starting' || state === 'downloading'
  if (isUnderWay(given))
    context.note(say('cli.server.starting', { name: quotedLine(given.name), mayDownload: firstStartWords() }))
  let told = false
  const settled = (now: Server) => {
    if (now.state === 'downloading' && !told) context.note(say('cli.server.programBeingDownloaded'))
    told ||= now.state === 'downloading'
    return !isUnderWay(now)
  }
  const server = await settledServer(context, given, settled, startWithin)
  const name = visibleLine(server.name)
  const failed = server.state === 'signed-out' || (server.error !== null && server.state !== 'running')
  if (failed) {
    for (const line of [
      ...problemLines(server),
      ...server.log.slice(-5).map((text) => `  | ${visibleLine(text)}`),
    ])
      context.terminal.err(line)
    if (server.state === 'signed-out')
      context.terminal.err(say('cli.server.signInDrawbridgeServer', { slug: server.slug }))
    context.setExitCode(exitCodes.failure)
  }
  const word =
    server.state === 'running'
      ? say('cli.server.runningAndOffers', { name, offers: offers(server) })
      : say('cli.server.is', { name: `“${name}”`, state: server.state })
  context.answer(
    server,
    failed ? [say('cli.server.wasKeptButNot', { name })] : [word, ...leftOutLines(server.leftOut)],
  )
}

/** `3 tools`, `1 tool, 2 prompts`. */
export const offers = ({ tools, resources, prompts }: Server): string =>
  say('cli.server.counts', { tools, resources, prompts })

/** What a server has and is not offered, one line each with why. */
export const leftOutLines = (leftOut: Server['leftOut']): string[] =>
  leftOut.length === 0
    ? []
    : [
        say('cli.server.notOfferedThoughServer', { count: leftOut.length }),
        ...leftOut.map(
          ({ kind, name, why }) =>
            `  ${say('cli.server.leftOut', { kind, named: name !== '', name: visibleLine(name), why: visibleLine(why) })}`,
        ),
      ]

export const problemLines = ({ name, error }: Server): string[] =>
  error ? [`${visibleLine(name)}: ${visibleLine(error.message)}`, `  ${visibleLine(error.hint)}`] : []

/** Text that decides what runs, as JSON: in quotes, with whatever would not be seen written out. */
export const exactText = (text: string): string => shownJson(text, 0)

/** Every value as it is, but for secrets (`shown-value.ts`), which stand as dots outside of quotes. */
function valueLines(kind: 'variable' | 'header', { env, headers, values }: Server): [string, string][] {
  const label = say(`cli.server.start.${kind}`)
  if (values === null)
    return (kind === 'variable' ? env : headers).map((name) => [
      label,
      say('cli.server.start.unreadable', { name: exactText(name) }),
    ])
  if (values.length === 0) return [[say(`cli.server.start.${kind}s`), say('cli.server.start.noneOwn')]]
  return values.map((value) => [label, valueWord(value)])
}

/** `"NAME" = "value"`; what is hidden stands outside of quotes, so that no value looks like it. */
export const valueWord = ({ name, text, masked }: ShownValue): string =>
  `${exactText(name)} = ${masked ? say('cli.server.hidden', { text }) : exactText(text)}`

/** Exactly what a server's start would do. */
export function startLines(server: Server): string[] {
  const lines = server.kind === 'stdio' ? programLines(server) : addressLines(server)
  const wide = Math.max(startLabel, ...lines.map(([label]) => [...label].length))
  return [
    say('cli.server.onceStarted', { name: exactText(server.name) }),
    ...lines.map(([label, value]) => `  ${label.padEnd(wide)} ${value}`),
  ]
}

/** Letters of the longest label in English. */
const startLabel = 18

const programLines = (server: Server): [string, string][] => [
  [say('cli.server.start.command'), exactText(server.command ?? '')],
  ...server.args.map((arg, i): [string, string] => [
    say('cli.server.start.argument', { number: i + 1 }),
    exactText(arg),
  ]),
  [say('cli.server.start.folder'), folderOf(server)],
  ...(server.confined
    ? [[say('cli.server.start.reaches'), say('cli.server.start.onlyFolder')] satisfies [string, string]]
    : []),
  ...valueLines('variable', server),
]

const folderOf = ({ cwd, confined }: Server): string => {
  if (cwd !== null) return exactText(cwd)
  return confined ? say('cli.server.oneOwn') : say('cli.server.yourHomeFolder')
}

const addressLines = (server: Server): [string, string][] => [
  [say('cli.server.start.address'), exactText(server.url ?? '')],
  ...valueLines('header', server),
  ...(server.oauth === null
    ? []
    : [
        [say('cli.server.start.client'), exactText(server.oauth.clientId)] satisfies [string, string],
        ...server.oauth.scopes.map((scope): [string, string] => [
          say('cli.server.start.scope'),
          exactText(scope),
        ]),
      ]),
]
