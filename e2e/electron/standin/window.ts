import { FakeContents, type Handlers } from './contents.ts'
import { records } from './records.ts'
import { onlyKnown, StrictEmitter } from './strict.ts'

export interface WindowOptions {
  show?: boolean
  webPreferences: { preload: string; [more: string]: unknown }
  [more: string]: unknown
}

const known = [
  'width',
  'height',
  'minWidth',
  'minHeight',
  'show',
  'title',
  'icon',
  'autoHideMenuBar',
  'webPreferences',
]
const knownPreferences = [
  'preload',
  'contextIsolation',
  'sandbox',
  'webSecurity',
  'nodeIntegration',
  'webviewTag',
  'navigateOnDragDrop',
  'spellcheck',
  'devTools',
]

/** `BrowserWindow`, as far as it is not drawn. */
export class FakeWindow extends StrictEmitter {
  readonly contents: FakeContents
  readonly options: WindowOptions
  readonly #gone: () => void
  visible: boolean
  focused = 0
  #destroyed = false

  constructor(options: WindowOptions, handlers: Handlers, gone: () => void) {
    super('BrowserWindow', ['ready-to-show', 'close', 'closed', 'show', 'hide', 'focus'])
    onlyKnown('BrowserWindow', options, known)
    onlyKnown('webPreferences', options.webPreferences, knownPreferences)
    this.options = options
    this.#gone = gone
    this.visible = options.show ?? true
    this.contents = new FakeContents(options.webPreferences.preload, handlers)
    records.windows.add(this)
  }

  get webContents(): FakeContents {
    if (this.#destroyed) throw new Error('Object has been destroyed')
    return this.contents.facade
  }

  async loadURL(url: string): Promise<void> {
    await this.contents.load(url)
    this.happen('ready-to-show')
  }

  show(): void {
    this.visible = true
  }

  hide(): void {
    this.visible = false
  }

  focus(): void {
    this.focused += 1
  }

  restore(): void {
    this.visible = true
  }

  isMinimized(): boolean {
    return false
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  /** As the user's click on the cross: listeners may prevent it. */
  close(): void {
    if (!this.#destroyed && !this.happen('close')) this.destroy()
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    records.windows.delete(this)
    this.contents.destroy()
    this.happen('closed')
    if (records.windows.size === 0) this.#gone()
  }
}
