import { join } from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  globalShortcut,
  ipcMain,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  session,
} from 'electron'
import { createPrivateListener } from '../src/control/private-listener.ts'
import { createHost } from '../src/host/create-host.ts'
import type { Host } from '../src/host/host.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { errorText } from '../src/kernel/errors.ts'
import { createFolderDialog } from './folder-dialog.ts'
import { connectIpc } from './ipc.ts'
import { raisedNotice } from './notices.ts'
import { createNotifications } from './notifications.ts'
import { createPower } from './power.ts'
import { followHost } from './shell-state.ts'
import { createRaiseKeys, isWayland } from './shortcut.ts'
import { createTray } from './tray.ts'
import { callFor, type HostAction, type Question, questionBefore, type TrayAction } from './tray-actions.ts'
import { serveRenderer } from './window/app-protocol.ts'
import { bringToFront, denyPermissions, openWindow, type Route } from './window/window.ts'

export interface Shell {
  /** Shows the window, in front. */
  show(): void
  stop(): Promise<void>
}

interface ShellOptions {
  dataDir: string
  port?: number
  /** Of the vault. */
  passphrase?: string
  quitting(): boolean
}

/** The host, and the command line's way to it: the window has its own. */
async function startHost(
  { dataDir, port, passphrase }: ShellOptions,
  window: () => BrowserWindow | undefined,
  raiseKeysPressed: () => void,
) {
  const host = await createHost({
    dataDir,
    shell: 'electron',
    version: app.getVersion(),
    port,
    // for people who run their own tunnel server, and for tests
    env: { ...process.env, DRAWBRIDGE_PASSPHRASE: passphrase },
    tunnelHost: process.env.DRAWBRIDGE_TUNNEL_HOST,
    raiseKeys: createRaiseKeys({
      system: globalShortcut,
      wayland: isWayland(process.platform, process.env),
      pressed: raiseKeysPressed,
    }),
    power: createPower(powerMonitor, powerSaveBlocker),
    chooseFolder: createFolderDialog(dialog, window),
    // A program that begins anew has the environment of the one before, where the passphrase is no more.
    ...(passphrase === undefined && {
      restart: () =>
        void setTimeout(() => {
          app.relaunch()
          app.quit()
        }, 300),
    }),
    systemProxy: (url) => session.defaultSession.resolveProxy(url),
  })
  const { log } = host
  const control = createPrivateListener({
    port: 0,
    dispatch: host.dispatch,
    on: host.on,
    dataDir,
    clock: systemClock,
    log,
    mcpUrl: host.mcpUrl,
    isAdminKey: host.isAdminKey,
  })
  // A mistake in one request must not end everybody's bridge.
  process.on('unhandledRejection', (error) =>
    log.error('process.unhandled-rejection', { error: errorText(error) }),
  )
  try {
    await control.listen()
  } catch (error) {
    await control.close()
    await host.stop()
    throw error
  }
  return { host, control }
}

/** Asks the host, and the user before that where it cannot be taken back. False: it was not done, and the user knows. */
async function ask(host: Host, action: HostAction): Promise<boolean> {
  const question = questionBefore(action)
  const { name, input } = callFor(action)
  if (question !== null && !(await confirmed(question))) return false
  const reply = await host.dispatch(name, input)
  if (reply.ok) return true
  const { message, hint } = reply.error
  await dialog.showMessageBox({
    type: 'warning',
    title: 'Drawbridge',
    message,
    detail: hint,
    buttons: ['OK'],
  })
  return false
}

/** Enter and Escape change nothing. */
async function confirmed({ message, detail, keep, act }: Question): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Drawbridge',
    message,
    detail,
    buttons: [keep, act],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  })
  return response === 1
}

/**
 * Starts the host and puts window, tray and notifications around it. Throws HostError when the host cannot start; then
 * nothing is left running.
 */
export async function startShell(options: ShellOptions): Promise<Shell> {
  let window: BrowserWindow | undefined
  const living = () => (window?.isDestroyed() === false ? window : undefined)
  // Heard from the moment the host has read which they are.
  const { host, control } = await startHost(options, living, () => void raiseByKeys())
  const { log } = host
  const root = app.getAppPath()
  protocol.handle('app', serveRenderer(join(root, 'out/renderer')))
  denyPermissions(session.defaultSession)

  const open = (route?: Route) =>
    openWindow({
      route,
      preload: join(root, 'out/preload/index.cjs'),
      icon: join(root, 'assets/icons/512x512.png'),
      packaged: app.isPackaged,
      log,
      quitting: options.quitting,
    })
  const show = (route?: Route) => {
    const there = living()
    if (there === undefined) window = open(route)
    else bringToFront(there, route)
  }

  const act = (action: TrayAction): void => {
    if (action.do === 'open') show(action.page)
    else if (action.do === 'review') show({ waiting: action.id })
    else if (action.do === 'quit') app.quit()
    else
      void ask(host, action).catch((error) =>
        log.error('shell.action-failed', { action: action.do, error: errorText(error) }),
      )
  }
  async function raiseByKeys(): Promise<void> {
    if (await ask(host, { do: 'raise' })) notifications.tell('raised', raisedNotice())
  }

  const endIpc = connectIpc(ipcMain, host, () => living()?.webContents)
  show()
  const tray = createTray({ images: join(root, 'assets/tray'), platform: process.platform, act })
  const notifications = createNotifications(host, act, process.platform)
  const followed = await followHost(host, tray.show)

  return {
    show: () => show(),
    async stop() {
      followed.stop()
      notifications.stop()
      tray.close()
      endIpc()
      await control.close().finally(() => host.stop())
    },
  }
}
