import { resolve } from 'node:path'
import type { Command } from 'commander'
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
      .description('change a server: what is not named stays as it is')
      .usage('[options] NAME [-- COMMAND [ARG…]]')
      .argument('<name>', 'its name, short name or id')
      .argument('[command...]', 'after --: the command that starts it from now on')
      .option('--name <name>', 'how it is called here; its tools keep their names')
      .option('--timeout <seconds>', 'how long one request may take without news', seconds)
      .option('--start-timeout <seconds>', 'how long its start may take without a sign of life', seconds)
      .option('--prefix', 'offer its tools with the server’s short name in front')
      .option('--no-prefix', 'offer its tools under their own names')
      .option(
        '--client-context <on|off>',
        'let it know what assistants say about the person in front of them',
        onOff,
      )
      .option('--env <K=V>', 'set a variable; K alone takes it from here (repeatable)', collect, [])
      .option('--header <K: V>', 'set a header (repeatable)', collect, [])
      .option('--unset <K>', 'take a variable or header out (repeatable)', collect, [])
      .option('--folder <folder>', 'the folder it is started in')
      .option('--only-own-folder', 'let it reach no other folder of yours than the one it is started in')
      .option('--no-only-own-folder', 'let it reach all that you can')
      .option('--url <url>', 'its new address')
      .option('--sse', 'speak the older kind with an event stream only')
      .option('--no-sse', 'find out what it speaks')
      .option('--client-id <id>', 'for its sign-in, where Drawbridge cannot introduce itself')
      .option('--client-secret-env <K>', 'the variable here that holds the secret for --client-id')
      .option('--scope <scope>', 'what to ask for with --client-id (repeatable)', collect, []),
    async (context, options: UpdateOptions, wanted: string, command: string[]) => {
      const server = await findServer(context, wanted)
      const { timeout, startTimeout, prefix, clientContext } = options
      const serves = [timeout, startTimeout, prefix, clientContext].some((one) => one !== undefined)
      const edit = editOf(server, options, command, context)
      if (edit === null && !serves)
        throw usage(
          'It does not say what to change.',
          'For example --env API_KEY=…, --timeout 60, or a new command after --.',
        )
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
        `${quotedLine(now.name)}: ${now.timeout / 1_000} s, ${startTimeout === undefined ? '' : `${now.startTimeout / 1_000} s to start, `}tools ${now.prefixed ? `are called ${now.slug}__…` : 'have their own names'}${now.passesClientContext ? ', may know who is asking' : ''}.`,
      ])
    },
  )
}

function onOff(value: string): boolean {
  if (value !== 'on' && value !== 'off')
    throw usage(`“${value}” is neither on nor off.`, 'Write --client-context on, or --client-context off.')
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
    throw usage(
      `“${server.name}” ${isProgram ? 'is started by a command' : 'has an address'}.`,
      isProgram
        ? 'It takes --env, --unset, --folder, --only-own-folder, and a command after --.'
        : 'It takes --url, --sse, --header, --unset and --client-id.',
    )
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
    throw usage(`It has no “${unknown}” to take out.`, `It has: ${had.join(', ') || 'none'}.`)
  return {
    ...Object.fromEntries(had.filter((name) => !out.has(key(name))).map((name) => [name, null])),
    ...set,
  }
}
