import type { Notification, Tray } from './electron.ts'
import type { FakeWindow } from './window.ts'

export interface Shown {
  kind: string
  message: string
  detail: string
  buttons?: string[]
}

/** What our main process made and did, for the test to read. */
export const records = {
  windows: new Set<FakeWindow>(),
  tray: undefined as Tray | undefined,
  notifications: new Set<Notification>(),
  dialogs: [] as Shown[],
  /** The button that the user presses in the next message box; null: the first one. */
  answer: null as string | null,
  /** Ends the dialog for a folder that is open, with the folder or, as by *Cancel*, without. */
  choose: undefined as ((path: string | null) => void) | undefined,
  /** Keys that our main process listens for, and those that another program has. */
  shortcuts: new Map<string, () => void>(),
  takenKeys: new Set(process.env.STANDIN_TAKEN_KEYS?.split(',')),
  power: undefined as { emit(event: string): boolean } | undefined,
  /** What keeps the system awake, by its id. */
  awake: new Map<number, string>(),
  /** Addresses handed to the system's browser. */
  opened: [] as string[],
  /** Requests of the page that our main process has no protocol for. */
  blocked: [] as string[],
  /** Navigations and windows that our main process let happen: none may. */
  escapes: [] as string[],
  privileges: {} as Record<string, Record<string, boolean>>,
  permissionRequest: undefined as
    | ((contents: unknown, permission: string, answer: (allow: boolean) => void, details: object) => void)
    | undefined,
  permissionCheck: undefined as
    | ((contents: unknown, permission: string, origin: string, details: object) => boolean)
    | undefined,
  devicePermission: undefined as ((details: object) => boolean) | undefined,
}

/** Tells the test at once: after a fatal error there is nobody left to ask. */
export const report = (message: object): void => void process.send?.(message)
