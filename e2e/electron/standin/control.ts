import type { MenuItem } from './electron.ts'
import { records } from './records.ts'

export interface MenuLine {
  label: string
  enabled: boolean
  items?: MenuLine[]
}

const lines = (items: readonly MenuItem[]): MenuLine[] =>
  items
    .filter(({ type }) => type !== 'separator')
    .map(({ label, enabled, submenu }) => ({
      label,
      enabled,
      ...(submenu && { items: lines(submenu.items) }),
    }))

function find(items: readonly MenuItem[], [label, ...rest]: readonly string[]): MenuItem {
  const item = items.find((one) => one.label === label)
  if (item === undefined)
    throw new Error(`The tray has no "${label}", only: ${items.map((one) => one.label).join(' | ')}`)
  return rest.length === 0 ? item : find(item.submenu?.items ?? [], rest)
}

const theTray = () => {
  if (records.tray === undefined) throw new Error('There is no tray icon.')
  return records.tray
}

const theWindow = () => {
  const [window] = records.windows
  if (window === undefined) throw new Error('There is no window.')
  return window
}

const theNotification = (index: number) => {
  const notification = [...records.notifications][index]
  if (notification === undefined) throw new Error(`There is no notification ${index}.`)
  return notification
}

/** What a test may ask of the shell: look at it, and do what a user would. */
export const control = {
  tray: () => ({ image: theTray().image, tooltip: theTray().tooltip, items: lines(theTray().menu.items) }),
  clickTray(labels: string[]) {
    const item = find(theTray().menu.items, labels)
    if (!item.enabled || item.click === undefined) throw new Error(`"${item.label}" cannot be clicked.`)
    item.click()
  },
  clickTrayIcon: () => void theTray().happen('click'),
  notifications: () => [...records.notifications].map(({ options }) => options),
  clickNotification: (index: number) => void theNotification(index).happen('click'),
  pressNotification: (index: number, actionIndex: number) =>
    void theNotification(index).happen('action', { actionIndex, selectionIndex: -1 }, actionIndex),
  window: () => {
    const { visible, focused, options, contents } = theWindow()
    const { preload: _preload, ...preferences } = options.webPreferences
    return { visible, focused, preferences, url: contents.getURL(), count: records.windows.size }
  },
  closeWindow: () => theWindow().close(),
  outside: () => ({ opened: records.opened, blocked: records.blocked, escapes: records.escapes }),
  dialogs: () => records.dialogs,
  /** Presses the button of this name in the message box that comes next. */
  willPress(button: string) {
    records.answer = button
  },
  /** Takes a folder in the dialog that is open; null: *Cancel*. */
  chooseFolder(path: string | null) {
    if (records.choose === undefined) throw new Error('No dialog for a folder is open.')
    records.choose(path)
  },
  shortcuts: () => [...records.shortcuts.keys()],
  pressKeys(accelerator: string) {
    const pressed = records.shortcuts.get(accelerator)
    if (pressed === undefined) throw new Error(`Nobody listens for ${accelerator}.`)
    pressed()
  },
  otherProgramHas: (accelerator: string, has: boolean) =>
    void records.takenKeys[has ? 'add' : 'delete'](accelerator),
  suspend: () => void records.power?.emit('suspend'),
  resume: () => void records.power?.emit('resume'),
  keptAwake: () => [...records.awake.values()],
  privileges: () => records.privileges,
  permission: (permission: string, origin: string) => {
    let requested: boolean | undefined
    const details = { isMainFrame: true, requestingUrl: `${origin}/` }
    records.permissionRequest?.({}, permission, (allow) => (requested = allow), details)
    return {
      requested,
      checked: records.permissionCheck?.({}, permission, `${origin}/`, details),
      device: records.devicePermission?.({ deviceType: 'hid', origin }),
    }
  },
}

export type Control = typeof control
