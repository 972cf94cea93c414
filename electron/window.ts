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

const isReload = (url: string) => url.replace(/#.*$/, '') === pageUrl()

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

/** Our page, at one of its routes (`renderer/routes.tsx`): with a request, asking about that one first. */
export type Route = 'access' | 'activity' | { waiting: string }

function pageUrl(route?: Route): string {
  const page = `${appOrigin}/?locale=${spoken()}`
  if (route === undefined) return page
  return `${page}#/${typeof route === 'string' ? route : `waiting/${encodeURIComponent(route.waiting)}`}`
}

/** Opens the one window, showing our page. Closing it hides it: the host goes on in the tray until *Quit*. */
export function openWindow(options: {
  route?: Route | undefined
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
    .loadURL(pageUrl(options.route))
    .catch((error) => options.log.error('window.load-failed', { error: errorText(error) }))
  return window
}

export function bringToFront(window: BrowserWindow, route?: Route): void {
  // Only what stands after the # differs, so the page stays as it is.
  if (route !== undefined) void window.loadURL(pageUrl(route)).catch(() => {})
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
