import { type Command, InvalidArgumentError, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import { hasScreen, openBrowser } from '../../headless/open-browser.ts'
import type { Headless } from '../../headless/start-headless.ts'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { leavePassphraseBehind, takePassphrase } from '../../storage/vault/passphrase.ts'
import { keepCompiledCode } from '../code-cache.ts'
import type { Act, Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { version } from '../version.ts'

interface ServeOptions {
  port?: number
  uiPort?: number
  open: boolean
  tunnelHost?: string
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new InvalidArgumentError(say('cli.serve.giveNumberFrom1'))
  return value
}

/** Runs the headless shell until a signal ends it. */
export function addServeCommand(program: Command, act: Act): void {
  act(
    program
      .command('serve')
      .description(say('cli.serve.help.serve'))
      .option('--port <number>', say('cli.serve.option.port'), port)
      .option('--ui-port <number>', say('cli.serve.option.uiPort'), port)
      .option('--no-open', say('cli.serve.option.noOpen'))
      // for people who run their own tunnel server, and for tests
      .addOption(new Option('--tunnel-host <url>').env('DRAWBRIDGE_TUNNEL_HOST').hideHelp()),
    serve,
  )
}

async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { json, dataDir, terminal } = context
  checkNode()
  // before anything is opened: what comes after is another life of the process
  if (terminal.env === process.env) leavePassphraseBehind()
  keepCompiledCode(dataDir)
  // the host is loaded only here: every other command stays quick
  const { firstSignal, stopInTime } = await import('../../headless/run-until-signal.ts')
  const asked = firstSignal()
  const { startHeadless } = await import('../../headless/start-headless.ts')
  const { interfaceFolder } = await import('../../headless/interface-folder.ts')
  const { createHost } = await import('../../host/create-host.ts')
  // taken out of the environment once, though the host may begin more than once
  const passphrase = takePassphrase(terminal.env)
  const begin = (restart: () => void) =>
    startHeadless(
      {
        dataDir,
        version,
        json,
        port: options.port,
        uiPort: options.uiPort,
        open: options.open && !json && hasScreen(terminal.env),
        tunnelHost: options.tunnelHost,
        restart,
      },
      {
        createHost: (given) =>
          createHost({ ...given, env: { ...terminal.env, DRAWBRIDGE_PASSPHRASE: passphrase } }),
        uiDir: interfaceFolder(),
        print: terminal.out,
        openBrowser,
      },
    ).catch((error) => showTheOther(context, error))
  let running: Headless
  // a mistake in one request must not end everybody's bridge
  process.on('unhandledRejection', (error) =>
    running?.log.error('process.unhandled-rejection', { error: errorText(error) }),
  )
  for (let again = true; again; ) {
    const { promise: wished, resolve: restart } = Promise.withResolvers<'again'>()
    // a moment later, so that whoever asked for it gets the answer
    running = await begin(() => void setTimeout(restart, restartAfter, 'again'))
    again = (await Promise.race([asked, wished])) === 'again'
    context.note(say(again ? 'cli.serve.restarting' : 'cli.serve.stopping'))
    const code = await stopInTime(running.stop)
    context.setExitCode(code === 0 ? exitCodes.ok : exitCodes.failure)
    if (code !== 0) return
  }
}

/** Milliseconds. */
const restartAfter = 300

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
