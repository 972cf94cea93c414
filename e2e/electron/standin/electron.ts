/**
 * A stand-in for the module `electron`, for machines that cannot have the real one. `run.ts` loads our unchanged main
 * process in plain Node with `electron` redirected to this file; a window is a Chromium page driven by Playwright.
 *
 * What it shows: that our main process asks Electron for the right things and reacts rightly to what users do.
 * What it cannot show: the preload runs in the page's own world (no context isolation, no sandbox, fuses or process
 * boundaries); tray, menus, notifications and dialogs are records that a test reads and clicks, nothing is drawn;
 * `app://` is played by an https origin of the same page; menus' `role`s, accelerators and window bounds do nothing.
 * Whatever our main uses and this file lacks throws, and so does what Electron forbids before `ready`.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { closeBrowser } from './browser.ts'
import { records, report } from './records.ts'
import { onlyKnown, StrictEmitter, strict } from './strict.ts'
import { FakeWindow, type WindowOptions } from './window.ts'

const root = process.env.STANDIN_APP ?? ''
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string
  version: string
}

const ready = Promise.withResolvers<void>()
let isReady = false
const needsReady = (what: string) => {
  if (!isReady) throw new Error(`electron.${what} may not be used before the app is ready.`)
}

class App extends StrictEmitter {
  readonly isPackaged = process.env.STANDIN_PACKAGED === '1'
  readonly #paths: Record<string, string> = {
    userData: join(tmpdir(), manifest.name),
    home: process.env.HOME ?? '/',
    appData: join(process.env.HOME ?? '/', '.config'),
  }
  #lockFile: string | undefined
  #leaving = false

  constructor() {
    super('app', [
      'ready',
      'activate',
      'before-quit',
      'will-quit',
      'quit',
      'second-instance',
      'window-all-closed',
    ])
  }

  whenReady = () => ready.promise
  getVersion = () => manifest.version
  getName = () => manifest.name
  getAppPath = () => root
  setAppUserModelId = (_id: string) => {}

  getPath(name: string): string {
    const path = this.#paths[name]
    if (path === undefined) throw new Error(`The stand-in has no path named ${name}.`)
    return path
  }

  setPath(name: string, path: string): void {
    if (isReady) throw new Error('electron.app.setPath comes too late for Chromium after ready.')
    this.getPath(name)
    this.#paths[name] = path
  }

  /** One owner of the user data folder; a second one wakes it, as Electron does through a socket there. */
  requestSingleInstanceLock(): boolean {
    const file = join(this.getPath('userData'), 'standin.lock')
    mkdirSync(dirname(file), { recursive: true })
    for (const _attempt of [1, 2]) {
      try {
        const handle = openSync(file, 'wx')
        writeSync(handle, String(process.pid))
        closeSync(handle)
        this.#lockFile = file
        process.on(
          'SIGUSR2',
          () => void ready.promise.then(() => this.happen('second-instance', {}, [], '/')),
        )
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        try {
          process.kill(Number(readFileSync(file, 'utf8')), 'SIGUSR2')
          return false
        } catch {
          rmSync(file, { force: true })
        }
      }
    }
    return false
  }

  quit(): void {
    this.happen('before-quit')
    for (const window of [...records.windows]) window.close()
    if ([...records.windows].length > 0) return
    if (this.happen('will-quit')) return
    this.exit(0)
  }

  exit(code = 0): void {
    if (this.#leaving) return
    this.#leaving = true
    if (this.#lockFile !== undefined) rmSync(this.#lockFile, { force: true })
    void closeBrowser().finally(() => process.exit(code))
  }
}

const realApp = new App()
export const app = strict('app', realApp)

/** Called by run.ts once main.ts was evaluated to its end: Electron is not ready any sooner either. */
export function becomeReady(): void {
  isReady = true
  ready.resolve()
  realApp.happen('ready')
}

const allWindowsClosed = () => {
  if (realApp.listenerCount('window-all-closed') === 0) realApp.quit()
  else realApp.emit('window-all-closed')
}

export class BrowserWindow extends FakeWindow {
  constructor(options: WindowOptions) {
    needsReady('BrowserWindow')
    super(
      options,
      { protocol: (name) => protocols.get(name), ipc: (name) => handlers.get(name) },
      allWindowsClosed,
    )
    // biome-ignore lint/correctness/noConstructorReturn: a Proxy is what makes missing methods loud
    return strict('BrowserWindow', this)
  }
}

type IpcHandler = (event: object, ...args: unknown[]) => unknown
const handlers = new Map<string, IpcHandler>()
export const ipcMain = strict('ipcMain', {
  handle(channel: string, handler: IpcHandler) {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  },
  removeHandler: (channel: string) => void handlers.delete(channel),
})

type ProtocolHandler = (request: Request) => Response | Promise<Response>
const schemes = new Set<string>()
const protocols = new Map<string, ProtocolHandler>()
export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(list: { scheme: string; privileges: Record<string, boolean> }[]) {
    if (isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme, privileges } of list) {
      if (!privileges.standard || !privileges.secure)
        throw new Error(`The stand-in plays standard, secure schemes only; ${scheme} is not.`)
      schemes.add(scheme)
      records.privileges[scheme] = privileges
    }
  },
  handle(scheme: string, handler: ProtocolHandler) {
    needsReady('protocol.handle')
    if (!schemes.has(scheme)) throw new Error(`${scheme} was not registered as privileged before ready.`)
    protocols.set(scheme, handler)
  },
})

export const session = {
  get defaultSession() {
    needsReady('session.defaultSession')
    return strict('session.defaultSession', {
      resolveProxy: async (_url: string) => 'DIRECT',
      setPermissionRequestHandler: (handler: never) => {
        records.permissionRequest = handler
      },
      setPermissionCheckHandler: (handler: never) => {
        records.permissionCheck = handler
      },
      setDevicePermissionHandler: (handler: never) => {
        records.devicePermission = handler
      },
    })
  },
}

/** Electron answers an empty picture for a file it cannot read; here that is an error, because it is a bug. */
export const nativeImage = strict('nativeImage', {
  createFromPath(path: string) {
    const bytes = readFileSync(path)
    if (bytes.toString('latin1', 1, 4) !== 'PNG') throw new Error(`${path} is no PNG picture.`)
    const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
    return strict('NativeImage', { path, isEmpty: () => false, getSize: () => size })
  },
})

export interface MenuItem {
  label: string
  type: string
  enabled: boolean
  click?: () => void
  submenu?: { items: MenuItem[] }
}
type Template = { [key: string]: unknown; submenu?: Template }[]

export const Menu = strict('Menu', {
  buildFromTemplate(template: Template): { items: MenuItem[] } {
    const items = template.map((item): MenuItem => {
      onlyKnown('MenuItem', item, ['label', 'type', 'enabled', 'click', 'submenu', 'role'])
      const type = (item.type as string) ?? (item.submenu ? 'submenu' : 'normal')
      if (type !== 'separator' && item.role === undefined && typeof item.label !== 'string')
        throw new Error('A menu item needs a label.')
      return {
        label: (item.label as string) ?? '',
        type,
        enabled: (item.enabled as boolean) ?? true,
        click: item.click as () => void,
        submenu: item.submenu && Menu.buildFromTemplate(item.submenu),
      }
    })
    return { items }
  },
  setApplicationMenu: (_menu: { items: MenuItem[] } | null) => needsReady('Menu.setApplicationMenu'),
})

type FakeImage = ReturnType<typeof nativeImage.createFromPath>

export class Tray extends StrictEmitter {
  image: string
  tooltip = ''
  menu: { items: MenuItem[] } = { items: [] }
  #destroyed = false

  constructor(image: FakeImage) {
    needsReady('Tray')
    super('Tray', ['click', 'right-click', 'double-click'])
    this.image = image.path
    records.tray = this
    // biome-ignore lint/correctness/noConstructorReturn: a Proxy is what makes missing methods loud
    return strict('Tray', this)
  }

  setImage = (image: FakeImage) => {
    this.image = image.path
  }
  setToolTip = (text: string) => {
    this.tooltip = text
  }
  setContextMenu = (menu: { items: MenuItem[] }) => {
    this.menu = menu
  }
  isDestroyed = () => this.#destroyed
  destroy = () => {
    this.#destroyed = true
    records.tray = undefined
  }
}

export class Notification extends StrictEmitter {
  readonly options: { title: string; body: string; actions: { type: string; text: string }[] }

  static isSupported = () => true

  constructor(options: Notification['options']) {
    needsReady('Notification')
    onlyKnown('Notification', options, ['title', 'body', 'actions', 'closeButtonText', 'icon', 'silent'])
    super('Notification', ['click', 'action', 'close', 'show', 'failed'])
    this.options = options
    // biome-ignore lint/correctness/noConstructorReturn: a Proxy is what makes missing methods loud
    return strict('Notification', this)
  }

  show = () => void records.notifications.add(this)
  close = () => void records.notifications.delete(this)
}

interface OpenOptions {
  title: string
  buttonLabel: string
  properties: string[]
}

export const dialog = strict('dialog', {
  showErrorBox(title: string, content: string) {
    records.dialogs.push({ kind: 'error', message: title, detail: content })
    report({ dialog: { kind: 'error', message: title, detail: content } })
  },
  async showMessageBox(options: { type?: string; message: string; detail?: string; buttons?: string[] }) {
    onlyKnown('MessageBox', options, [
      ...['type', 'title', 'message', 'detail', 'buttons'],
      ...['defaultId', 'cancelId', 'noLink'],
    ])
    const { type: kind = 'none', message, detail = '', buttons = [] } = options
    const shown = { kind, message, detail, buttons }
    records.dialogs.push(shown)
    report({ dialog: shown })
    const response = Math.max(0, buttons.indexOf(records.answer ?? ''))
    records.answer = null
    return { response, checkboxChecked: false }
  },
  async showOpenDialog(parent: BrowserWindow | OpenOptions, given?: OpenOptions) {
    needsReady('dialog.showOpenDialog')
    const options = given ?? (parent as OpenOptions)
    onlyKnown('OpenDialog', options, ['title', 'buttonLabel', 'properties', 'defaultPath'])
    const shown = { kind: options.properties.join(), message: options.title, detail: options.buttonLabel }
    records.dialogs.push(shown)
    report({ dialog: shown })
    const path = await new Promise<string | null>((chosen) => {
      records.choose = chosen
    })
    records.choose = undefined
    return { canceled: path === null, filePaths: path === null ? [] : [path] }
  },
})

/** Keys of the whole desktop. Those that another program has are refused, as Electron says it: with false. */
export const globalShortcut = strict('globalShortcut', {
  register(accelerator: string, pressed: () => void): boolean {
    needsReady('globalShortcut.register')
    const [key, ...held] = accelerator.split('+').reverse()
    if (
      !/^(?:[A-Z0-9]|F\d{1,2})$/.test(key!) ||
      held.some((one) => !/^(?:Control|Alt|Shift|Super)$/.test(one))
    )
      throw new TypeError(`Error processing argument: ${accelerator} is no accelerator.`)
    if (records.takenKeys.has(accelerator) || records.shortcuts.has(accelerator)) return false
    records.shortcuts.set(accelerator, pressed)
    return true
  },
  unregister: (accelerator: string) => void records.shortcuts.delete(accelerator),
})

/** What the system says of sleep; a test says it. */
export const powerMonitor = strict('powerMonitor', new StrictEmitter('powerMonitor', ['suspend', 'resume']))
records.power = powerMonitor

let blockers = 0
/** What keeps the system awake, by its id. */
export const powerSaveBlocker = strict('powerSaveBlocker', {
  start(type: string): number {
    if (type !== 'prevent-app-suspension' && type !== 'prevent-display-sleep')
      throw new TypeError(`Error processing argument: ${type}`)
    blockers += 1
    records.awake.set(blockers, type)
    return blockers
  },
  stop: (id: number): boolean => records.awake.delete(id),
})

export const shell = strict('shell', {
  async openExternal(url: string) {
    records.opened.push(url)
  },
})
