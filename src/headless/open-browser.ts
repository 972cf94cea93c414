import { spawn } from 'node:child_process'

type Environment = Record<string, string | undefined>

/** Whether somebody is likely to sit in front of a screen of this computer. */
export function hasScreen(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (env.CI) return false
  if (platform === 'darwin' || platform === 'win32') return !env.SSH_CONNECTION
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Asks the desktop to show one of our own pages. No shell in between; a missing opener is not worth a word. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'http:' || hostname !== '127.0.0.1') return
  const [command, ...args] = openers[platform] ?? ['xdg-open']
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
