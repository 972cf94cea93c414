import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { app, dialog, Menu, protocol } from 'electron'
import { chooseLocale } from '../locales/say.ts'
import { dataFolder } from '../src/control/data-folder.ts'
import { errorText, toErrorReply } from '../src/kernel/errors.ts'
import { takePassphrase } from '../src/storage/vault/passphrase.ts'
import { type Shell, startShell } from './shell.ts'
import { appScheme } from './window/app-protocol.ts'

// For trying: `en-XA` shows what does not fit or was forgotten.
chooseLocale(process.env.DRAWBRIDGE_LOCALE)

/** Longer than the host needs to end its servers, shorter than a person waits before pulling the plug. */
const stopWithin = 8_000

// Chromium's own switches may stand between ours.
const { values } = parseArgs({
  args: process.argv.slice(1),
  options: { data: { type: 'string' }, port: { type: 'string' } },
  strict: false,
  allowPositionals: true,
})
const dataDir = dataFolder(typeof values.data === 'string' ? values.data : undefined)
const port =
  typeof values.port === 'string' && /^\d{1,5}$/.test(values.port) ? Number(values.port) : undefined

/** Before Chromium starts processes of its own, which inherit our environment. */
const { passphrase, problem } = (() => {
  try {
    return { passphrase: takePassphrase(process.env), problem: null }
  } catch (problem) {
    return { passphrase: undefined, problem }
  }
})()

let starting: Promise<Shell> | undefined
let shell: Shell | undefined
let quitting = false
let stopping = false

/** Says in words why the app cannot start, and ends it. */
function fail(error: unknown): void {
  const { message, hint } = toErrorReply(error)
  process.stderr.write(`${errorText(error)}\n`)
  dialog.showErrorBox(message, hint)
  app.exit(1)
}

async function boot(): Promise<void> {
  // macOS needs a menu for copy and paste to work; elsewhere it would only take room.
  const menu = [{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }] as const
  Menu.setApplicationMenu(process.platform === 'darwin' ? Menu.buildFromTemplate([...menu]) : null)
  if (problem !== null) throw problem
  starting = startShell({ dataDir, port, passphrase, quitting: () => quitting })
  shell = await starting
}

async function stop(): Promise<void> {
  const running = await starting?.catch(() => undefined)
  await running?.stop()
}

try {
  // Chromium's own files and the single-instance lock belong to the data folder, so that two folders are two apps.
  const own = join(dataDir, 'shell')
  mkdirSync(own, { recursive: true, mode: 0o700 })
  app.setPath('userData', own)
} catch {
  // The host says it better: a folder that cannot be written is one of its start errors.
}
if (process.platform === 'win32') app.setAppUserModelId('app.drawbridge.desktop')
protocol.registerSchemesAsPrivileged([appScheme])

app.on('before-quit', () => {
  quitting = true
})
// Closing the window hides it; without this listener Electron would quit when a crashed window is destroyed.
app.on('window-all-closed', () => {})
app.on('activate', () => shell?.show())
app.on('second-instance', () => shell?.show())
app.on('will-quit', (event) => {
  // Ended by `exit` below, which asks nobody: a second *Quit* must not cut the first one short.
  event.preventDefault()
  if (stopping) return
  stopping = true
  const limit = delay(stopWithin, undefined, { ref: false })
  void Promise.race([stop(), limit])
    .catch((error) => process.stderr.write(`${errorText(error)}\n`))
    .finally(() => app.exit(0))
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())

// Never a top-level await: Electron would wait for this module, and this module for Electron.
if (app.requestSingleInstanceLock()) void app.whenReady().then(boot).catch(fail)
else app.exit(0)
