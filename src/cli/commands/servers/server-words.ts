import { setTimeout as delay } from 'node:timers/promises'
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

const serverWords = { kind: 'server', code: 'server-not-found', list: 'drawbridge server list' }

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
        message: `“${server.name}” was removed meanwhile.`,
        hint: 'Add it again if you want it.',
      })
    now = found
  }
  return now
}

/** Waits until it runs or failed, and says which. */
export async function showStart(context: Context, given: Server): Promise<void> {
  const isUnderWay = ({ state }: Server) => state === 'starting' || state === 'downloading'
  if (isUnderWay(given)) context.note(`Starting ${quotedLine(given.name)} … ${firstStartWords()}`)
  let told = false
  const settled = (now: Server) => {
    if (now.state === 'downloading' && !told) context.note('Its program is being downloaded …')
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
      context.terminal.err(`Sign in to it: drawbridge server sign-in ${server.slug}`)
    context.setExitCode(exitCodes.failure)
  }
  const word =
    server.state === 'running'
      ? `“${name}” is running and offers ${offers(server)}.`
      : `“${name}” is ${server.state}.`
  context.answer(
    server,
    failed ? [`“${name}” was kept, but is not running.`] : [word, ...leftOutLines(server.leftOut)],
  )
}

const count = (number: number, one: string) => `${number} ${number === 1 ? one : `${one}s`}`

/** `3 tools`, `1 tool, 2 prompts`. */
export const offers = ({ tools, resources, prompts }: Server): string =>
  [
    count(tools, 'tool'),
    ...(resources > 0 ? [count(resources, 'resource')] : []),
    ...(prompts > 0 ? [count(prompts, 'prompt')] : []),
  ].join(', ')

const kinds: Record<Server['leftOut'][number]['kind'], string> = {
  tool: 'tool',
  resource: 'resource',
  resourceTemplate: 'resource template',
  prompt: 'prompt',
  list: 'all',
}

/** What a server has and is not offered, one line each with why. */
export const leftOutLines = (leftOut: Server['leftOut']): string[] =>
  leftOut.length === 0
    ? []
    : [
        `Not offered, though the server lists ${leftOut.length === 1 ? 'it' : 'them'}:`,
        ...leftOut.map(
          ({ kind, name, why }) =>
            `  ${name === '' ? `a ${kinds[kind]}` : `${kinds[kind]} ${visibleLine(name)}`}: ${visibleLine(why)}`,
        ),
      ]

export const problemLines = ({ name, error }: Server): string[] =>
  error ? [`${visibleLine(name)}: ${visibleLine(error.message)}`, `  ${visibleLine(error.hint)}`] : []

/** Text that decides what runs, as JSON: in quotes, with whatever would not be seen written out. */
export const exactText = (text: string): string => shownJson(text, 0)

/** Every value as it is, but for secrets (`shown-value.ts`), which stand as dots outside of quotes. */
function valueLines(word: string, names: readonly string[], values: Server['values']): string[] {
  if (values === null)
    return names.map(
      (name) => `with the ${word.padEnd(9)} ${exactText(name)}, whose value cannot be read now`,
    )
  if (values.length === 0) return [`with the ${`${word}s`.padEnd(9)} none of its own`]
  return values.map((value) => `with the ${word.padEnd(9)} ${valueWord(value)}`)
}

/** `"NAME" = "value"`; what is hidden stands outside of quotes, so that no value looks like it. */
export const valueWord = ({ name, text, masked }: ShownValue): string =>
  `${exactText(name)} = ${masked ? `${text} (hidden)` : exactText(text)}`

/** Exactly what a server's start would do. */
export function startLines(server: Server): string[] {
  const lines =
    server.kind === 'stdio'
      ? [
          `runs the command   ${exactText(server.command ?? '')}`,
          ...server.args.map((arg, i) => `with argument ${String(i + 1).padEnd(4)} ${exactText(arg)}`),
          `in the folder      ${server.cwd !== null ? exactText(server.cwd) : server.confined ? 'one of its own' : 'your home folder'}`,
          ...(server.confined ? ['and reaches        only that folder'] : []),
          ...valueLines('variable', server.env, server.values),
        ]
      : [
          `connects to        ${exactText(server.url ?? '')}`,
          ...valueLines('header', server.headers, server.values),
          ...(server.oauth === null
            ? []
            : [
                `signs in as client ${exactText(server.oauth.clientId)}`,
                ...server.oauth.scopes.map((scope) => `and asks for       ${exactText(scope)}`),
              ]),
        ]
  return [`Once started, ${exactText(server.name)}`, ...lines.map((line) => `  ${line}`)]
}
