import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { TunnelWay } from '../../contract/tunnel.ts'
import { hasScreen, openBrowser } from '../../headless/open-browser.ts'
import type { Headless } from '../../headless/start-headless.ts'
import { errorText, HostError, isHostError, toErrorReply } from '../../kernel/errors.ts'
import { leavePassphraseBehind, takeLeftBehind, takePassphrase } from '../../storage/vault/passphrase.ts'
import { keepCompiledCode } from '../code-cache.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { exitCodeOf, exitCodes, neverAgain } from '../exit-codes.ts'
import { readServeSettings, type Served, settingRows, type Typed } from '../serve-settings.ts'
import { columns } from '../table.ts'
import { version } from '../version.ts'

interface ServeOptions extends Typed {
  open: boolean
  asService?: boolean
  tunnelHost?: string
}

/** Milliseconds: whoever asks for a new start gets the answer first. */
const restartAfter = 300

function port(text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError(say('cli.serve.giveNumberFrom1'))
  return text
}

/** What a service is started with too. */
export const serveOptions = (command: Command): Command =>
  command
    .option('--port <number>', say('cli.serve.option.port'), port)
    .option('--ui-port <number>', say('cli.serve.option.uiPort'), port)
    .option('--log-level <level>', say('cli.serve.option.logLevel'))
    .option('--cors-origin <origin>', say('cli.serve.option.corsOrigin'), collect)
    .option('--tunnel <way>', say('cli.serve.option.tunnel'))

/** Runs the headless shell until a signal ends it. */
export function addServeCommand(program: Command, act: Act): void {
  act(
    serveOptions(program.command('serve').description(say('cli.serve.help.serve')))
      .option('--no-open', say('cli.serve.option.noOpen'))
      // for people who run their own tunnel server, and for tests
      .addOption(new Option('--tunnel-host <url>').env('DRAWBRIDGE_TUNNEL_HOST').hideHelp())
      // what a service's file says, see service/service-files.ts
      .addOption(new Option('--as-service').hideHelp())
      .addHelpText('after', () => `\n${settingsHelp()}`),
    (context, options: ServeOptions) =>
      options.asService ? endQuietly(context, options) : serve(context, options),
  )
}

/** What would only fail again is said, and then ends as if all was well: otherwise the system would start it every few seconds for ever. */
async function endQuietly(context: Context, options: ServeOptions): Promise<void> {
  try {
    await serve(context, options)
  } catch (error) {
    if (!isHostError(error) || !neverAgain.includes(exitCodeOf(error.code))) throw error
    const { message, hint } = toErrorReply(error)
    for (const line of [message, hint]) context.terminal.err(visibleLine(line))
  }
}

const settingsHelp = (): string => {
  const rows = settingRows().map(([variable, , fits, about]) => [variable, about, `(${fits})`])
  return [say('cli.serve.variables'), ...columns(rows).map((line) => `  ${line}`)].join('\n')
}

async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { dataDir, terminal } = context
  checkNode()
  // before anything is opened: what comes after is another life of the process
  if (terminal.env === process.env) leavePassphraseBehind()
  takeLeftBehind(terminal.env)
  const settings = readServeSettings(options, terminal.env, (file) => readFileSync(file, 'utf8'))
  keepCompiledCode(dataDir)
  // the host is loaded only here: every other command stays quick
  const { firstSignal, stopInTime } = await import('../../headless/run-until-signal.ts')
  const asked = firstSignal()
  const begin = await prepare(context, options, settings)
  let running: Headless | undefined
  // a mistake in one request must not end everybody's bridge
  process.on('unhandledRejection', (error) =>
    running?.log.error('process.unhandled-rejection', { error: errorText(error) }),
  )
  for (let again = true; again; ) {
    const { promise: wished, resolve: restart } = Promise.withResolvers<'again'>()
    running = await begin(() => void setTimeout(restart, restartAfter, 'again'))
    again = (await Promise.race([asked, wished])) === 'again'
    context.note(say(again ? 'cli.serve.restarting' : 'cli.serve.stopping'))
    const code = await stopInTime(running.stop)
    context.setExitCode(code === 0 ? exitCodes.ok : exitCodes.failure)
    if (code !== 0) return
  }
}

/** Loads the host. What it gives starts one; it may be asked again when that one has stopped. */
async function prepare(context: Context, options: ServeOptions, settings: Served) {
  const { json, dataDir, terminal } = context
  const { startHeadless } = await import('../../headless/start-headless.ts')
  const { interfaceFolder } = await import('../../headless/interface-folder.ts')
  const { createHost } = await import('../../host/create-host.ts')
  // taken out of the environment once, though a host may begin more than once
  const passphrase = takePassphrase(terminal.env)
  const { tunnel, ...told } = settings
  return async (restart: () => void): Promise<Headless> => {
    const running = await startHeadless(
      {
        ...{ dataDir, version, json, restart, ...told },
        open: options.open && !json && hasScreen(terminal.env),
        ...(options.tunnelHost !== undefined && { tunnelHost: options.tunnelHost }),
      },
      {
        createHost: (given) =>
          createHost({ ...given, env: { ...terminal.env, DRAWBRIDGE_PASSPHRASE: passphrase } }),
        uiDir: interfaceFolder(),
        print: terminal.out,
        openBrowser,
      },
    ).catch((error) => showTheOther(context, error))
    if (tunnel) await openTunnel(running, tunnel)
    return running
  }
}

/** The way to the public address that variables name, at each start. Throws HostError; then nothing is left running. */
async function openTunnel(running: Headless, { id, values }: NonNullable<Served['tunnel']>): Promise<void> {
  const ask = async (name: string, input?: unknown): Promise<unknown> => {
    const reply = await running.dispatch(name, input)
    if (reply.ok) return reply.value
    throw new HostError({ code: reply.error.code, told: reply.error })
  }
  try {
    const way = ((await ask('tunnel.list')) as TunnelWay[]).find((one) => one.id === id)!
    const named = Object.entries(values).map(([name, value]) => {
      const field = way.fields.find((one) => one.name.toLowerCase() === name)
      if (field) return [field.name, value]
      const fields = way.fields.map((one) => `DRAWBRIDGE_TUNNEL_${one.name.toUpperCase()}`).join(', ') || '-'
      throw usage({ says: 'usage.tunnelFieldUnknown', params: { title: way.title, fields } })
    })
    await ask('tunnel.use', { id, values: Object.fromEntries(named) })
  } catch (error) {
    await running.stop()
    throw error
  }
}

/** Whoever starts Drawbridge twice wants to see it: the error comes with a link to the one that runs. */
async function showTheOther({ host, note }: Context, error: unknown): Promise<never> {
  if (isHostError(error) && error.code === 'already-running') {
    const link = await host.newLink().catch(() => null)
    if (link !== null) note(say('cli.serve.oneRunsShowsPages', { link }))
  }
  throw error
}

function checkNode(): void {
  if (Number(process.versions.node.split('.')[0]) >= 24) return
  throw new HostError({ code: 'node-too-old', params: { node: process.versions.node } })
}
