import { resolve } from 'node:path'
import type { Command } from 'commander'
import { saidLater, say } from '../../../../locales/say.ts'
import { quotedLine } from '../../../contract/agreed/visible-text.ts'
import type { Input } from '../../../contract/api.ts'
import type { Server } from '../../../contract/servers.ts'
import { type Act, type Context, collect, usage } from '../../context.ts'
import { typedIn } from '../../typed-in.ts'
import { envOf, headersOf, oauthOf, seconds } from './server-add-command.ts'
import { findServer, showStart } from './server-words.ts'

interface UpdateOptions {
  timeout?: number
  startTimeout?: number
  prefix?: boolean
  clientContext?: boolean
  name?: string
  env: string[]
  unset: string[]
  folder?: string
  onlyOwnFolder?: boolean
  url?: string
  sse?: boolean
  header: string[]
  clientId?: string
  clientSecretEnv?: string
  scope: string[]
}

type Edit = Input<'servers.edit'>

export function addServerUpdate(group: Command, act: Act): void {
  act(
    group
      .command('update')
      .alias('set')
      .description(say('cli.server.help.update'))
      .usage('[options] NAME [-- COMMAND [ARG…]]')
      .argument('<name>', say('cli.server.argument.name'))
      .argument('[command...]', say('cli.server.argument.command'))
      .option('--name <name>', say('cli.server.option.name'))
      .option('--timeout <seconds>', say('cli.server.option.timeout'), seconds)
      .option('--start-timeout <seconds>', say('cli.server.option.startTimeout'), seconds)
      .option('--prefix', say('cli.server.option.prefix'))
      .option('--no-prefix', say('cli.server.option.prefix.offerToolsUnder'))
      .option('--client-context <on|off>', say('cli.server.option.clientContext'), onOff)
      .option('--env <K=V>', say('cli.server.option.env'), collect, [])
      .option('--header <K: V>', say('cli.server.option.header'), collect, [])
      .option('--unset <K>', say('cli.server.option.unset'), collect, [])
      .option('--folder <folder>', say('cli.server.option.folder'))
      .option('--only-own-folder', say('cli.server.option.onlyOwnFolder'))
      .option('--no-only-own-folder', say('cli.server.option.onlyOwnFolder.letReachAll'))
      .option('--url <url>', say('cli.server.option.url'))
      .option('--sse', say('cli.server.option.sse'))
      .option('--no-sse', say('cli.server.option.sse.findOutWhat'))
      .option('--client-id <id>', say('cli.server.option.clientId'))
      .option('--client-secret-env <K>', say('cli.server.option.clientSecretEnv'))
      .option('--scope <scope>', say('cli.server.option.scope'), collect, []),
    async (context, options: UpdateOptions, wanted: string, command: string[]) => {
      const server = await findServer(context, wanted)
      const { timeout, startTimeout, prefix, clientContext } = options
      const serves = [timeout, startTimeout, prefix, clientContext].some((one) => one !== undefined)
      const edit = editOf(server, options, command, context)
      if (edit === null && !serves) throw usage({ says: 'usage.changesNoServer' })
      const { id } = server
      const limits = { timeout, ...(startTimeout !== undefined && { startTimeout }) }
      const hasLimits = timeout !== undefined || startTimeout !== undefined
      const edited = edit === null ? server : await context.host.call('servers.edit', { ...edit, ...limits })
      const now =
        prefix === undefined && clientContext === undefined && (edit !== null || !hasLimits)
          ? edited
          : await context.host.call('servers.update', {
              id,
              ...limits,
              prefixed: prefix,
              ...(clientContext !== undefined && { passesClientContext: clientContext }),
            })
      if (edit !== null) return showStart(context, now)
      context.answer(now, [
        say('cli.server.updated', {
          name: quotedLine(now.name),
          seconds: now.timeout / 1_000,
          starts: startTimeout !== undefined,
          startSeconds: now.startTimeout / 1_000,
          prefixed: now.prefixed,
          slug: now.slug,
          context: now.passesClientContext,
        }),
      ])
    },
  )
}

function onOff(value: string): boolean {
  if (value !== 'on' && value !== 'off') throw usage({ says: 'usage.neitherOnNorOff', params: { value } })
  return value === 'on'
}

/** The whole of what the server is from now on; null when nothing of that changes. */
function editOf(server: Server, options: UpdateOptions, given: string[], { terminal }: Context): Edit | null {
  const { name, unset, folder, url, sse } = options
  const [command, ...args] = given
  const oauth = oauthOf(options, terminal.env)
  const isProgram = server.kind === 'stdio'
  const { onlyOwnFolder: confined } = options
  const forPrograms =
    command !== undefined || folder !== undefined || confined !== undefined || options.env.length > 0
  const forAddresses =
    url !== undefined || sse !== undefined || options.header.length > 0 || oauth !== undefined
  if (isProgram ? forAddresses : forPrograms)
    throw usage({ says: isProgram ? 'usage.isProgram' : 'usage.hasAddress', params: { name: server.name } })
  if (!forPrograms && !forAddresses && name === undefined && unset.length === 0) return null
  const set = isProgram ? envOf(options.env, terminal.env) : headersOf(options.header)
  const pairs = changed(isProgram ? server.env : server.headers, set, unset, !isProgram)
  const common = { id: server.id, name: name ?? server.name }
  if (isProgram) {
    const cwd = folder === undefined ? server.cwd : resolve(typedIn(terminal), folder)
    return {
      ...common,
      kind: 'stdio',
      ...(command === undefined ? { command: server.command!, args: server.args } : { command, args }),
      env: pairs,
      ...(cwd !== null && { cwd }),
      ...(confined !== undefined && { confined }),
    }
  }
  const kept = oauth ?? server.oauth
  return {
    ...common,
    kind: sse === undefined ? (server.kind as 'http' | 'sse') : sse ? 'sse' : 'http',
    url: url ?? server.url!,
    headers: pairs,
    ...(kept && { oauth: kept }),
  }
}

/** Null leaves a value as it is. Header names do not care about case (RFC 9110 §5.1). */
function changed(
  had: string[],
  set: Record<string, string>,
  unset: string[],
  anyCase: boolean,
): Record<string, string | null> {
  const key = (name: string) => (anyCase ? name.toLowerCase() : name)
  const out = new Set([...unset, ...Object.keys(set)].map(key))
  const unknown = unset.find((name) => !had.some((one) => key(one) === key(name)))
  if (unknown !== undefined)
    throw usage({
      says: 'usage.hasNoTakeOut',
      params: { unknown, had: had.join(', ') || saidLater('cli.server.none') },
    })
  return {
    ...Object.fromEntries(had.filter((name) => !out.has(key(name))).map((name) => [name, null])),
    ...set,
  }
}
