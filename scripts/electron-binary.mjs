// Whether the desktop shell can run here, and with which binary.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findNode, root, run } from './process.mjs'

const folder = join(root, 'node_modules', 'electron')
const failedBefore = join(root, '.cache', 'electron-not-downloaded.json')
/** After this long a download that failed is tried again. */
const tryAgain = 24 * 3_600_000

const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }
const name = names[process.platform] ?? 'electron'

const hasScreen = () =>
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

const versionOf = () => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version

/** Where releases come from; the same variables that Electron's own installer reads. */
const mirror = () =>
  process.env.ELECTRON_MIRROR ||
  process.env.npm_config_electron_mirror ||
  'https://github.com/electron/electron/releases/download/'

async function reachable() {
  try {
    await fetch(mirror(), { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(8_000) })
    return true
  } catch {
    return false
  }
}

function failedLately(version) {
  try {
    const before = JSON.parse(readFileSync(failedBefore, 'utf8'))
    return before.version === version && Date.now() - before.at < tryAgain
  } catch {
    return false
  }
}

async function download() {
  const version = versionOf()
  if (failedLately(version)) return false
  const title = 'Downloading Electron for the desktop window (about 100 MB)'
  if (await reachable()) {
    const { code } = await run(title, findNode(), [join(folder, 'install.js')], { timeout: 600_000 })
    if (code === 0) return true
  }
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(failedBefore, JSON.stringify({ version, at: Date.now() }))
  return false
}

/** A binary that lacks a library of the system fails here and not in front of the user. */
const runs = (binary) => spawnSync(binary, ['--version'], { timeout: 15_000, stdio: 'ignore' }).status === 0

/** `{binary}` of the Electron to use, or `{why}` it is the headless shell, as half a sentence. */
export async function findElectron() {
  if (!hasScreen()) return { why: 'there is no screen here' }
  // whoever names a binary answers for it
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (given) {
    const binary = join(given, name)
    return existsSync(binary) ? { binary } : { why: `there is no Electron in ${given}` }
  }
  if (process.platform === 'linux' && process.getuid?.() === 0)
    return { why: 'Electron does not run as root' }
  const binary = join(folder, 'dist', name)
  if (!existsSync(binary) && !(await download())) return { why: 'Electron could not be downloaded' }
  return runs(binary) ? { binary } : { why: 'Electron does not start on this system' }
}
