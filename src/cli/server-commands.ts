import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Server } from '../contract/models.ts'
import { plainText } from '../headless/plain-text.ts'
import { HostError } from '../kernel/errors.ts'
import { type Act, type Context, collect, usage } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { findOne } from './find.ts'
import { table } from './table.ts'

/** A first start may download the server. */
const startWithin = 120_000

const words = { kind: 'server', code: 'server-not-found', list: 'drawbridge server list' }

export function addServerCommands(program: Command, act: Act): void {
  const group = program.command('server').description('the MCP servers whose tools are offered')

  act(
    group
      .command('add')
      .description('add a server: by its command after --, or by its address with --url')
      .usage(
        "[options] NAME -- COMMAND [ARG…]\n       drawbridge server add [options] NAME --url URL [--header 'K: V']…",
      )
      .argument('<name>', 'how it is called here')
      .argument('[command...]', 'after --: the command that starts it, passed on as it stands')
      .option(
        '--env <K=V>',
        'a variable for its environment; K alone takes it from here (repeatable)',
        collect,
        [],
      )
      .option('--url <url>', 'its address, when it is already running somewhere')
      .option('--header <K: V>', 'a header to send to it (repeatable)', collect, []),
    async (context, options: AddOptions, name: string, command: string[]) => {
      const added = await context.host.call('servers.add', serverInput(name, command, options, context))
      showStart(context, await started(context, added))
    },
  )

  act(group.command('list').description('show the servers'), async (context) => {
    const servers = await context.host.call('servers.list', undefined)
    const rows = servers.map((one) => [
      one.name,
      one.state,
      String(one.tools),
      one.url ?? [one.command, ...one.args].join(' '),
    ])
    context.answer(
      servers,
      servers.length === 0
        ? ['No servers yet. `drawbridge server add NAME -- COMMAND` adds one.']
        : [
            ...table(['NAME', 'STATE', 'TOOLS', 'STARTED WITH'], rows, context.terminal.width),
            ...servers.flatMap((one) => (one.error ? ['', ...problem(one)] : [])),
          ],
    )
  })

  act(
    group.command('remove').description('stop a server and forget it').argument('<name>', 'its name or id'),
    async (context, _options, wanted: string) => {
      const { id, name } = await find(context, wanted)
      await context.host.call('servers.remove', { id })
      context.answer({ removed: { id, name } }, [`“${plainText(name)}” was removed.`])
    },
  )

  act(
    group
      .command('restart')
      .description('stop a server and start it again')
      .argument('<name>', 'its name or id'),
    async (context, _options, wanted: string) => {
      const { id } = await find(context, wanted)
      showStart(context, await started(context, await context.host.call('servers.restart', { id })))
    },
  )
}

interface AddOptions {
  env: string[]
  header: string[]
  url?: string
}

function serverInput(name: string, given: string[], options: AddOptions, { terminal }: Context) {
  const [command, ...args] = given
  if (options.url !== undefined) {
    if (command !== undefined || options.env.length > 0)
      throw usage(
        'A server has either an address or a command.',
        'Use --url with --header, or -- COMMAND with --env.',
      )
    return { kind: 'http' as const, name, url: options.url, headers: headersOf(options.header) }
  }
  if (command === undefined)
    throw usage(
      'What starts the server is missing.',
      `For example: drawbridge server add ${name} -- npx -y @modelcontextprotocol/server-everything`,
    )
  if (options.header.length > 0)
    throw usage('--header needs --url.', 'A server that is started by a command takes --env K=V.')
  // relative paths mean what they mean here, not where the host runs
  return {
    kind: 'stdio' as const,
    name,
    command,
    args,
    cwd: terminal.cwd,
    env: envOf(options.env, terminal.env),
  }
}

/** Values never appear in a message: they are secrets more often than not. */
function envOf(given: string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const out: Record<string, string> = {}
  given.forEach((pair, i) => {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    const value = at < 0 ? env[pair] : pair.slice(at + 1)
    if (!/^[^\s=\0]+$/.test(name) || value === undefined)
      throw usage(
        `The ${nth(i)} --env is not K=V.`,
        'For example --env API_KEY=…, or --env API_KEY to take it from here.',
      )
    out[name] = value
  })
  return out
}

function headersOf(given: string[]): Record<string, string> {
  const out: Record<string, string> = {}
  given.forEach((pair, i) => {
    const at = pair.indexOf(':')
    const name = pair.slice(0, at).trim()
    // RFC 9110 §5.1: a field name is a token
    if (at < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(pair))
      throw usage(`The ${nth(i)} --header is not K: V.`, "For example --header 'Authorization: Bearer …'.")
    out[name] = pair.slice(at + 1).trim()
  })
  return out
}

const nth = (i: number) => ['first', 'second', 'third'][i] ?? `${i + 1}th`

const find = async (context: Context, wanted: string): Promise<Server> =>
  findOne(await context.host.call('servers.list', undefined), wanted, words)

/** The server once it runs or failed, or as it is when that takes too long. */
async function started(context: Context, server: Server): Promise<Server> {
  const until = Date.now() + startWithin
  let now = server
  if (now.state === 'starting') context.note(`Starting “${plainText(server.name)}” …`)
  while (now.state === 'starting' && Date.now() < until) {
    await delay(200)
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

function showStart(context: Context, server: Server): void {
  const name = plainText(server.name)
  const failed = server.error !== null && server.state !== 'running'
  if (failed) {
    for (const line of [...problem(server), ...server.log.slice(-5).map((text) => `  | ${plainText(text)}`)])
      context.terminal.err(line)
    context.setExitCode(exitCodes.failure)
  }
  const tools = `${server.tools} ${server.tools === 1 ? 'tool' : 'tools'}`
  const word =
    server.state === 'running' ? `“${name}” is running and offers ${tools}.` : `“${name}” is ${server.state}.`
  context.answer(server, failed ? [`“${name}” was kept, but is not running.`] : [word])
}

const problem = ({ name, error }: Server): string[] =>
  error ? [`${plainText(name)}: ${plainText(error.message)}`, `  ${plainText(error.hint)}`] : []
