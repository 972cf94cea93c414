import { BrowserWindow, type Session, shell, type WebContents } from 'electron'
import { spoken } from '../locales/say.ts'
import { errorText } from '../src/kernel/errors.ts'
import type { Log } from '../src/kernel/log/log.ts'
import { appOrigin } from './channels.ts'
import { externalUrl } from './external-url.ts'

/** The copy buttons need this one; everything else a web page may ask for is denied. */
const allowedPermission = 'clipboard-sanitized-write'

/** Denies every permission, to whoever asks, except writing text to the clipboard from our page. */
export function denyPermissions(session: Session): void {
  const allows = (permission: string, origin: string) =>
    permission === allowedPermission && origin.replace(/\/$/, '') === appOrigin
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const frame = details.isMainFrame && details.requestingUrl.startsWith(`${appOrigin}/`)
    answer(frame && permission === allowedPermission)
  })
  session.setPermissionCheckHandler((_contents, permission, origin) => allows(permission, origin))
  session.setDevicePermissionHandler(() => false)
}

const isReload = (url: string) => url.replace(/#.*$/, '') === `${appOrigin}/`

/** The page stays where it is: it may reload itself, opens no windows, and hands https links to the browser. */
function confine(contents: WebContents, log: Log): void {
  contents.on('will-navigate', (event) => {
    if (!isReload(event.url)) event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isReload(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const outside = externalUrl(url)
    if (outside === null) log.warn('window.link-refused', { url: url.slice(0, 200) })
    else
      void shell
        .openExternal(outside)
        .catch((error) => log.warn('window.link-failed', { url: outside, error: errorText(error) }))
    return { action: 'deny' }
  })
}

/** Our page; with a request, asking about that one first (the route `/waiting/{id}`). */
const pageUrl = (request?: string) =>
  `${appOrigin}/?locale=${spoken()}${request === undefined ? '' : `#/waiting/${encodeURIComponent(request)}`}`

/** Opens the one window, showing our page. Closing it hides it: the host goes on in the tray until *Quit*. */
export function openWindow(options: {
  request?: string | undefined
  preload: string
  icon: string
  packaged: boolean
  log: Log
  quitting(): boolean
}): BrowserWindow {
  const window = new BrowserWindow({
    width: 1080,
    height: 760,
    minWidth: 420,
    minHeight: 480,
    show: false,
    title: 'Drawbridge',
    icon: options.icon,
    autoHideMenuBar: true,
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !options.packaged,
    },
  })
  confine(window.webContents, options.log)
  window.once('ready-to-show', () => window.show())
  window.on('close', (event) => {
    if (options.quitting()) return
    event.preventDefault()
    window.hide()
  })
  // A window whose page died is replaced when the user next opens it.
  window.webContents.on('render-process-gone', (_event, details) => {
    options.log.error('window.page-gone', { reason: details.reason })
    if (!window.isDestroyed()) window.destroy()
  })
  window
    .loadURL(pageUrl(options.request))
    .catch((error) => options.log.error('window.load-failed', { error: errorText(error) }))
  return window
}

export function bringToFront(window: BrowserWindow, request?: string): void {
  // Only what stands after the # differs, so the page stays as it is.
  if (request !== undefined) void window.loadURL(pageUrl(request)).catch(() => {})
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
