/**
 * Loaded into the real Electron before our main process (`electron -r`): remembers what the system would show (tray
 * menu, notifications, dialogs) and lets a test press it. Our own code stays as it is. Answers the same questions as
 * standin/control.ts; dialogs and links to the browser are recorded instead of opened, so that no test waits for a hand.
 */
const electron = require('electron')
const { BrowserWindow, dialog, globalShortcut, nativeImage, Notification, shell, Tray } = electron
const { powerMonitor, powerSaveBlocker } = electron

const seen = {
  menu: null,
  tooltip: '',
  image: '',
  tray: null,
  notifications: new Map(),
  dialogs: [],
  answer: null,
  choose: undefined,
  shortcuts: new Map(),
  takenKeys: new Set(),
  awake: new Map(),
  opened: [],
}
const paths = new WeakMap()

const around = (target, name, before) => {
  const original = target[name]
  target[name] = function (...args) {
    before(this, args)
    return original.apply(this, args)
  }
}
const createFromPath = nativeImage.createFromPath
nativeImage.createFromPath = (path) => {
  const image = createFromPath(path)
  paths.set(image, path)
  return image
}
around(Tray.prototype, 'setContextMenu', (tray, [menu]) => Object.assign(seen, { tray, menu }))
around(Tray.prototype, 'setToolTip', (_tray, [text]) => Object.assign(seen, { tooltip: text }))
around(Tray.prototype, 'setImage', (_tray, [image]) => Object.assign(seen, { image: paths.get(image) }))
around(Notification.prototype, 'show', (one) => seen.notifications.set(one, one))
around(Notification.prototype, 'close', (one) => seen.notifications.delete(one))
dialog.showErrorBox = (message, detail) => seen.dialogs.push({ kind: 'error', message, detail })
dialog.showMessageBox = async ({ type, message, detail, buttons = [] }) => {
  seen.dialogs.push({ kind: type ?? 'none', message, detail: detail ?? '', buttons })
  const response = Math.max(0, buttons.indexOf(seen.answer ?? ''))
  seen.answer = null
  return { response, checkboxChecked: false }
}
dialog.showOpenDialog = async (...given) => {
  const { title, buttonLabel, properties } = given.at(-1)
  seen.dialogs.push({ kind: properties.join(), message: title, detail: buttonLabel })
  const path = await new Promise((chosen) => Object.assign(seen, { choose: chosen }))
  seen.choose = undefined
  return { canceled: path === null, filePaths: path === null ? [] : [path] }
}
globalShortcut.register = (accelerator, pressed) => {
  if (seen.takenKeys.has(accelerator) || seen.shortcuts.has(accelerator)) return false
  seen.shortcuts.set(accelerator, pressed)
  return true
}
globalShortcut.unregister = (accelerator) => void seen.shortcuts.delete(accelerator)
const { start, stop } = powerSaveBlocker
powerSaveBlocker.start = (type) => {
  const id = start.call(powerSaveBlocker, type)
  seen.awake.set(id, type)
  return id
}
powerSaveBlocker.stop = (id) => {
  seen.awake.delete(id)
  return stop.call(powerSaveBlocker, id)
}
shell.openExternal = async (url) => void seen.opened.push(url)

const lines = (menu) =>
  menu.items
    .filter((item) => item.type !== 'separator')
    .map((item) => ({
      label: item.label,
      enabled: item.enabled,
      ...(item.submenu && { items: lines(item.submenu) }),
    }))
const find = (menu, [label, ...rest]) => {
  const item = menu.items.find((one) => one.label === label)
  if (item === undefined) throw new Error(`The tray has no "${label}".`)
  return rest.length === 0 ? item : find(item.submenu, rest)
}
const notification = (index) => [...seen.notifications.values()][index]
const firstWindow = () => BrowserWindow.getAllWindows()[0]

globalThis.shellSpy = {
  tray: () => ({ image: seen.image, tooltip: seen.tooltip, items: lines(seen.menu) }),
  clickTray: (labels) => find(seen.menu, labels).click(),
  clickTrayIcon: () => seen.tray.emit('click', {}),
  notifications: () =>
    [...seen.notifications.values()].map(({ title, body, actions }) => ({ title, body, actions })),
  clickNotification: (index) => notification(index).emit('click', {}),
  pressNotification: (index, actionIndex) => notification(index).emit('action', { actionIndex }, actionIndex),
  window: () => ({
    visible: firstWindow().isVisible(),
    focused: Number(firstWindow().isFocused()),
    preferences: firstWindow().webContents.getLastWebPreferences(),
    url: firstWindow().webContents.getURL(),
    count: BrowserWindow.getAllWindows().length,
  }),
  closeWindow: () => firstWindow().close(),
  outside: () => ({ opened: seen.opened, blocked: [], escapes: [] }),
  dialogs: () => seen.dialogs,
  willPress: (button) => void Object.assign(seen, { answer: button }),
  chooseFolder: (path) => seen.choose(path),
  shortcuts: () => [...seen.shortcuts.keys()],
  pressKeys: (accelerator) => seen.shortcuts.get(accelerator)(),
  suspend: () => void powerMonitor.emit('suspend'),
  resume: () => void powerMonitor.emit('resume'),
  keptAwake: () => [...seen.awake.values()],
  otherProgramHas: (accelerator, has) => void seen.takenKeys[has ? 'add' : 'delete'](accelerator),
}
