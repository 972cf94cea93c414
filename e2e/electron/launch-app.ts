import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import type { Control } from './standin/control.ts'

export const repository = join(import.meta.dirname, '../..')

type Asked = { [K in keyof Control]: (...args: Parameters<Control[K]>) => Promise<ReturnType<Control[K]>> }

export interface RunningApp {
  /** The shell as its user sees and handles it. */
  shell: Asked
  /** The window's page. */
  page(): Promise<Page>
  /** Resolves with the exit code. */
  exited: Promise<number | null>
  /** Error boxes and messages shown so far; readable after the app ended. */
  dialogs: { kind: string; message: string; detail: string }[]
  output(): string
  /** As the system does it at log-out; kills it when it does not end in time. */
  stop(): Promise<number | null>
}

/** Where the real Electron is, if the package's download is there. Merely importing `electron` would try to fetch it. */
export function electronBinary(): string | null {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (given) return join(given, 'electron')
  const home = join(repository, 'node_modules/electron')
  if (!existsSync(join(home, 'path.txt'))) return null
  const binary = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'))
  return existsSync(binary) ? binary : null
}

export interface LaunchOptions {
  dataDir: string
  /** Of the app, after `--data`. */
  args?: string[]
  env?: NodeJS.ProcessEnv
  /** The folder with package.json and the build; another one for the packed app. */
  app?: string
  packaged?: boolean
}

/** Starts our main process, unchanged: in Electron where its binary is, else in plain Node on the stand-in. */
export function launchApp(options: LaunchOptions): Promise<RunningApp> {
  return electronBinary() === null ? launchOnStandin(options) : launchElectron(options)
}

/** Which of the two `launchApp` takes, in words for the test output. */
export const shellKind = (): string =>
  electronBinary() === null
    ? 'stand-in for Electron (its binary is not installed)'
    : `Electron (${electronBinary()})`

/** Everything a child may write, kept for the message of a test that fails. */
function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-20_000)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}

/** `Control` as calls through `ask`. */
const asked = (ask: (name: string, args: unknown[]) => Promise<unknown>): Asked =>
  new Proxy({} as Asked, {
    get: (_target, name) => (name === 'then' ? undefined : (...args: unknown[]) => ask(String(name), args)),
  })

const stopWithin = 15_000

export async function launchOnStandin(options: LaunchOptions): Promise<RunningApp> {
  const child = fork(
    join(import.meta.dirname, 'standin/run.ts'),
    ['--data', options.dataDir, ...(options.args ?? [])],
    {
      silent: true,
      serialization: 'advanced',
      env: {
        ...process.env,
        ...options.env,
        STANDIN_APP: options.app ?? repository,
        STANDIN_PACKAGED: options.packaged ? '1' : '',
      },
    },
  )
  const output = collect(child)
  const dialogs: RunningApp['dialogs'] = []
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const endpoint = Promise.withResolvers<string>()
  endpoint.promise.catch(() => {})
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let browser: Browser | undefined

  child.on('message', (message: Record<string, unknown>) => {
    if (typeof message.endpoint === 'string') endpoint.resolve(message.endpoint)
    if (message.dialog !== undefined) dialogs.push(message.dialog as RunningApp['dialogs'][number])
    if (typeof message.id !== 'number') return
    const answer = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) answer?.resolve(message.value)
    else answer?.reject(new Error(String(message.error)))
  })
  void exited.then((code) => {
    const gone = new Error(`The app ended with ${code}.\n${output()}`)
    endpoint.reject(gone)
    for (const answer of waiting.values()) answer.reject(gone)
    void browser?.close().catch(() => {})
  })

  let lastId = 0
  const ask = (name: string, args: unknown[]) => {
    lastId += 1
    const answer = Promise.withResolvers<unknown>()
    if (!child.connected) return Promise.reject(new Error(`The app has ended.\n${output()}`))
    waiting.set(lastId, answer)
    child.send({ id: lastId, name, args })
    return answer.promise
  }
  return {
    shell: asked(ask),
    async page() {
      browser ??= await chromium.connectOverCDP(await endpoint.promise)
      const pages = () => browser!.contexts().flatMap((context) => context.pages())
      for (
        const until = Date.now() + 10_000;
        Date.now() < until;
        await new Promise((r) => setTimeout(r, 50))
      ) {
        const page = pages().find((one) => one.url().startsWith('https://'))
        if (page !== undefined) return page
      }
      throw new Error(`No window showed our page.\n${output()}`)
    },
    exited,
    dialogs,
    output,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), stopWithin)
      const code = await exited
      clearTimeout(kill)
      return code
    },
  }
}

/** The same through Playwright's Electron driver; `electron-spy.cjs` answers what the stand-in's control answers. */
async function launchElectron(options: LaunchOptions): Promise<RunningApp> {
  const { _electron } = await import('@playwright/test')
  const app = await _electron.launch({
    executablePath: electronBinary()!,
    args: [
      '-r',
      join(import.meta.dirname, 'electron-spy.cjs'),
      options.app ?? repository,
      '--data',
      options.dataDir,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(options.args ?? []),
    ],
    env: { ...process.env, ...options.env } as Record<string, string>,
  })
  const child = app.process()
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const dialogs: RunningApp['dialogs'] = []
  return {
    shell: asked((name, args) =>
      app.evaluate((_electron, call) => Reflect.get(globalThis, 'shellSpy')[call.name](...call.args), {
        name,
        args,
      }),
    ),
    page: () => app.firstWindow(),
    exited,
    dialogs,
    output: collect(child),
    async stop() {
      await app.close()
      return exited
    },
  }
}
