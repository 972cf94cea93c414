import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { say } from '../../../../locales/say.ts'
import type { Input } from '../../../contract/api.ts'
import { type Act, type Context, collect, usage } from '../../context.ts'
import { typedIn } from '../../typed-in.ts'
import { addPasted, looksPasted, pastedText } from './server-paste.ts'
import { showStart } from './server-words.ts'

interface AddOptions {
  env: string[]
  header: string[]
  url?: string
  sse?: boolean
  folder?: string
  onlyOwnFolder?: boolean
  timeout?: number
  startTimeout?: number
  prefix: boolean
  clientId?: string
  clientSecretEnv?: string
  scope: string[]
  paste?: string
  fill: string[]
  yes?: boolean
}

/** Seconds, as milliseconds. */
export function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 600)
    throw new InvalidArgumentError(say('cli.server.giveWholeSecondsFrom'))
  return value * 1_000
}

export function addServerAdd(group: Command, act: Act): void {
  act(
    group
      .command('add')
      .description(say('cli.server.help.add'))
      .usage(
        "[options] NAME -- COMMAND [ARG…]\n       drawbridge server add [options] NAME --url URL [--header 'K: V']…\n       drawbridge server add [NAME] --paste FILE|- [--fill LABEL=VALUE]… [--yes]\n       drawbridge server add 'TEXT FROM ITS PAGE'",
      )
      .argument('[name]', say('cli.server.argument.name.howCalledHere'))
      .argument('[command...]', say('cli.server.argument.command.afterCommandStarts'))
      .option('--env <K=V>', say('cli.server.option.env.variableForEnvironment'), collect, [])
      .option('--folder <folder>', say('cli.server.option.folder.folderStartedIn'))
      .option('--only-own-folder', say('cli.server.option.onlyOwnFolder.letReachNo'))
      .option('--url <url>', say('cli.server.option.url.addressWhenAlready'))
      .option('--sse', say('cli.server.option.sse.atUrlSpeak'))
      .option('--header <K: V>', say('cli.server.option.header.headerSendRepeatable'), collect, [])
      .option('--timeout <seconds>', say('cli.server.option.timeout.howLongOne'), seconds)
      .option('--start-timeout <seconds>', say('cli.server.option.startTimeout.howLongStart'), seconds)
      .option('--no-prefix', say('cli.server.option.prefix.offerToolsUnderTheirOwn'))
      .option('--paste <file>', say('cli.server.option.paste'))
      .option('--fill <LABEL=VALUE>', say('cli.server.option.fill'), collect, [])
      .option('-y, --yes', say('cli.server.option.yes.withPasteStart'))
      .option('--client-id <id>', say('cli.server.option.clientId'))
      .option('--client-secret-env <K>', say('cli.server.option.clientSecretEnv'))
      .option('--scope <scope>', say('cli.server.option.scope'), collect, []),
    async (context, options: AddOptions, given: string | undefined, command: string[]) => {
      const from = pasteOf(given, command, options, context)
      if (from !== null)
        return addPasted(context, await from.text(), pasteOptions(from.name, command, options, context))
      const name = given ?? ''
      if (name === '') throw usage({ says: 'usage.nameMissing' })
      const input = serverInput(name, command, options, context)
      const added = await context.host.call('servers.add', input)
      const server = options.prefix
        ? added
        : await context.host.call('servers.update', { id: added.id, prefixed: false })
      await showStart(context, server)
    },
  )
}

/** Where the text is that is to be read, and the name that was given beside it; null: there is none. */
function pasteOf(
  given: string | undefined,
  command: readonly string[],
  { paste, url, fill, yes }: AddOptions,
  context: Context,
): { name: string | undefined; text(): Promise<string> } | null {
  if (paste !== undefined) return { name: given, text: () => pastedText(paste, context) }
  if (url === undefined && command.length === 0) {
    if (given === '-' || (given === undefined && context.terminal.input))
      return { name: undefined, text: () => pastedText('-', context) }
    if (given !== undefined && looksPasted(given)) return { name: undefined, text: async () => given }
  }
  if (fill.length > 0 || yes === true) throw usage({ says: 'usage.fillAndYesNeed' })
  return null
}

function pasteOptions(
  name: string | undefined,
  command: readonly string[],
  options: AddOptions,
  { terminal }: Context,
) {
  const { url, sse, folder, clientId, clientSecretEnv, scope, prefix } = options
  if (
    command.length > 0 ||
    [url, sse, folder, clientId, clientSecretEnv].some((one) => one !== undefined) ||
    scope.length > 0 ||
    !prefix
  )
    throw usage({ says: 'usage.whatTextDescribesTakes' })
  return {
    name,
    fill: options.fill,
    timeout: options.timeout,
    yes: options.yes === true,
    env: envOf(options.env, terminal.env),
    headers: headersOf(options.header),
    onlyOwnFolder: options.onlyOwnFolder === true,
  }
}

function serverInput(
  name: string,
  given: string[],
  options: AddOptions,
  { terminal }: Context,
): Input<'servers.add'> {
  const [command, ...args] = given
  const { url, timeout, startTimeout, folder } = options
  const confined = options.onlyOwnFolder === true
  if (url !== undefined) {
    if (command !== undefined || options.env.length > 0 || options.folder !== undefined || confined)
      throw usage({ says: 'usage.serverHasEitherAddress' })
    const oauth = oauthOf(options, terminal.env)
    return {
      kind: options.sse === true ? 'sse' : 'http',
      name,
      url,
      headers: headersOf(options.header),
      ...(timeout !== undefined && { timeout }),
      ...(startTimeout !== undefined && { startTimeout }),
      ...(oauth && { oauth }),
    }
  }
  if (command === undefined)
    throw usage({ says: 'usage.whatStartsServerMissing', params: { name: JSON.stringify(name) } })
  if (options.header.length > 0 || options.sse === true || oauthOf(options, terminal.env) !== undefined)
    throw usage({ says: 'usage.headerSseAndClient' })
  return {
    kind: 'stdio',
    name,
    command,
    args,
    // relative paths mean what they mean here, not where the host runs; but this folder is rarely one of its own
    ...((folder !== undefined || !confined) && { cwd: resolve(typedIn(terminal), folder ?? '.') }),
    ...(confined && { confined }),
    env: envOf(options.env, terminal.env),
    ...(timeout !== undefined && { timeout }),
    ...(startTimeout !== undefined && { startTimeout }),
  }
}

/** What the user says about signing in; undefined when nothing. */
export function oauthOf(
  { clientId, clientSecretEnv, scope }: Pick<AddOptions, 'clientId' | 'clientSecretEnv' | 'scope'>,
  env: NodeJS.ProcessEnv,
) {
  if (clientId === undefined) {
    if (clientSecretEnv === undefined && scope.length === 0) return undefined
    throw usage({ says: 'usage.clientSecretEnvAnd' })
  }
  const clientSecret = clientSecretEnv === undefined ? undefined : env[clientSecretEnv]
  if (clientSecretEnv !== undefined && !clientSecret) throw usage({ says: 'usage.variableClientSecretEnv' })
  return { clientId, ...(clientSecret && { clientSecret }), ...(scope.length > 0 && { scopes: scope }) }
}

/** Values never appear in a message: they are secrets more often than not. */
export function envOf(given: string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const out: Record<string, string> = {}
  given.forEach((pair, i) => {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    const value = at < 0 ? env[pair] : pair.slice(at + 1)
    if (!/^[^\s=\0]+$/.test(name) || value === undefined)
      throw usage({ says: 'usage.envNotKV', params: { number: i + 1 } })
    out[name] = value
  })
  return out
}

export function headersOf(given: string[]): Record<string, string> {
  const out: Record<string, string> = {}
  given.forEach((pair, i) => {
    const at = pair.indexOf(':')
    const name = pair.slice(0, at).trim()
    // RFC 9110 §5.1: a field name is a token
    if (at < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(pair))
      throw usage({ says: 'usage.headerNotKV', params: { number: i + 1 } })
    out[name] = pair.slice(at + 1).trim()
  })
  return out
}
