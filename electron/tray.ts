import { join } from 'node:path'
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron'
import type { ShellState } from './shell-state.ts'
import type { TrayAction } from './tray-actions.ts'
import { type TrayIcon, type TrayItem, trayModel } from './tray-model.ts'

export interface ShellTray {
  show(state: ShellState): void
  close(): void
}

/** A file name ending in `Template` makes macOS draw the picture in the menu bar's own colour. */
const imageFile = (dir: string, icon: TrayIcon, platform: NodeJS.Platform) =>
  join(dir, platform === 'darwin' ? `${icon}Template.png` : `${icon}.png`)

function menuItem(item: TrayItem, act: (action: TrayAction) => void): MenuItemConstructorOptions {
  switch (item.kind) {
    case 'separator':
      return { type: 'separator' }
    case 'text':
      return { label: item.label, enabled: false }
    case 'action':
      return { label: item.label, click: () => act(item.action) }
    case 'submenu':
      return { label: item.label, submenu: item.items.map((inner) => menuItem(inner, act)) }
  }
}

/** Puts the tray icon up. `images` holds the pictures of assets/tray. */
export function createTray(options: {
  images: string
  platform: NodeJS.Platform
  act(action: TrayAction): void
}): ShellTray {
  const image = (icon: TrayIcon) =>
    nativeImage.createFromPath(imageFile(options.images, icon, options.platform))
  const tray = new Tray(image('lowered'))
  // macOS opens the menu on a click by itself.
  if (options.platform !== 'darwin') tray.on('click', () => options.act({ do: 'open' }))
  let shown = ''
  return {
    show(state) {
      const model = trayModel(state, Date.now())
      const text = JSON.stringify(model)
      if (text === shown || tray.isDestroyed()) return
      shown = text
      tray.setImage(image(model.icon))
      tray.setToolTip(model.tooltip)
      tray.setContextMenu(Menu.buildFromTemplate(model.items.map((item) => menuItem(item, options.act))))
    },
    close: () => tray.destroy(),
  }
}
