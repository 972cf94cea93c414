import { execFile } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { readServeSettings, type Served, type Typed } from '../serve-settings.ts'
import { type Machine, type Ran, serviceOf } from '../service/service.ts'
import type { ServiceRun } from '../service/service-files.ts'
import { facts } from '../table.ts'
import { serveOptions } from './serve-command.ts'

/** Drawbridge in the background, from the start of the computer or the sign-in of its user. */
export function addServiceCommands(program: Command, act: Act): void {
  const group = program.command('service').description(say('cli.service.help.service'))
  act(
    serveOptions(group.command('install').description(say('cli.service.help.install'))),
    async (context, options: Typed) => {
      const { env } = context.terminal
      const run = serviceRun(context, options)
      const { lasts } = await serviceOf(machine(env)).install(run)
      const state = await serviceOf(machine(env)).state()
      context.answer({ ...state, lasts }, [
        say('cli.service.installed'),
        ...facts([[say('cli.service.file'), state.file]]),
        say('cli.service.seeStatus'),
        ...(lasts
          ? []
          : [say(state.kind === 'systemd' ? 'cli.service.noLinger' : 'cli.service.untilSignOut')]),
        ...(state.kind === 'task' && Object.keys(run.env).length > 0
          ? [say('cli.service.noVariables', { names: Object.keys(run.env).join(', ') })]
          : []),
        ...(run.env.DRAWBRIDGE_VAULT === 'file' ? [] : [say('cli.service.secrets')]),
      ])
    },
  )
  act(group.command('remove').description(say('cli.service.help.remove')), async (context) => {
    await serviceOf(machine(context.terminal.env)).remove()
    context.answer({ removed: true }, [say('cli.service.removed')])
  })
  act(group.command('status').description(say('cli.service.help.status')), async (context) => {
    const state = await serviceOf(machine(context.terminal.env)).state()
    if (!state.running) context.setExitCode(exitCodes.notRunning)
    context.answer(state, [
      say('cli.service.state', { installed: String(state.installed), running: String(state.running) }),
      ...facts([[say('cli.service.file'), state.file]]),
    ])
  })
}

const machine = (env: NodeJS.ProcessEnv): Machine => ({
  platform: process.platform,
  home: homedir(),
  uid: process.getuid?.() ?? 0,
  user: [env.USERDOMAIN, userInfo().username].filter(Boolean).join('\\'),
  env,
  run: (command, args) =>
    new Promise<Ran>((resolve) => {
      execFile(command, args, { timeout: 60_000, windowsHide: true }, (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
        resolve({ code, out: `${out}${err}` })
      })
    }),
})

/** This program as a service: what was told now holds then too. Secrets are never written into a service's file. */
function serviceRun({ dataDir, terminal: { env } }: Context, options: Typed): ServiceRun {
  const kept = Object.entries(env).filter(([name, value]) => value && ofService.test(name))
  const secret = kept.find(([name]) => isSecret.test(name) && !name.endsWith('_FILE'))
  if (secret) throw usage({ says: 'usage.serviceSecret', params: { name: secret[0] } })
  const settings = readServeSettings(options, { ...env }, (file) => readFileSync(file, 'utf8'))
  return {
    program: process.execPath,
    args: [
      ...process.execArgv,
      realpathSync(process.argv[1]!),
      'serve',
      '--no-open',
      '--data',
      dataDir,
      ...argsOf(settings),
    ],
    env: Object.fromEntries(
      kept
        .filter(([name]) => !hasOption.test(name))
        // A service begins in another folder.
        .map(([name, value]) => [name, name.endsWith('_FILE') ? resolve(value!) : value!]),
    ),
  }
}

const ofService = /^DRAWBRIDGE_(?:VAULT|LOCALE|PASSPHRASE|PASSPHRASE_FILE|TUNNEL_.+)$/
const isSecret = /^DRAWBRIDGE_(?:PASSPHRASE|TUNNEL_(?!HOST$).+)$/
const hasOption = /^DRAWBRIDGE_TUNNEL$/

const argsOf = ({ port, uiPort, logLevel, corsOrigins, tunnel }: Served): string[] => [
  ...(port === undefined ? [] : ['--port', String(port)]),
  ...(uiPort === undefined ? [] : ['--ui-port', String(uiPort)]),
  ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
  ...corsOrigins.flatMap((origin) => ['--cors-origin', origin]),
  ...(tunnel ? ['--tunnel', tunnel.id] : []),
]
