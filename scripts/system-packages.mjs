// The Debian packages that the tests need: a browser, a screen that is not there, a keychain, a sandbox and servers for ssh, mail and calendars.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, say } from './process.mjs'

/** A program of each package, to see whether it is there. */
const needed = {
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  xvfb: 'xvfb-run',
  xauth: 'xauth',
  dbus: 'dbus-run-session',
  'gnome-keyring': 'gnome-keyring-daemon',
  bubblewrap: 'bwrap',
  'openssh-client': 'ssh',
  'openssh-server': '/usr/sbin/sshd',
  'dovecot-imapd': '/usr/lib/dovecot/imap',
  radicale: 'radicale',
  'fonts-liberation': '/usr/share/fonts/truetype/liberation',
}

function there(program) {
  if (program.startsWith('/')) return existsSync(program)
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const missing = () => Object.keys(needed).filter((name) => !there(needed[name]))

/** Installs what is missing, where that is possible; otherwise says how. The tests that need it then fail. */
export async function ensureSystemPackages() {
  if (process.platform !== 'linux') return
  const wanted = missing()
  if (wanted.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${wanted.join(' ')}`
  const root = process.getuid?.() === 0
  if (!root || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) {
    say(`Missing for the tests: ${wanted.join(', ')}. On Debian: sudo ${command}`)
    return
  }
  const options = { timeout: 600_000, env: { DEBIAN_FRONTEND: 'noninteractive' } }
  const title = `Installing system packages for the tests: ${wanted.join(', ')} (about a minute)`
  for (const attempt of [1, 2]) {
    await run('Asking Debian for its list of packages', 'apt-get', ['update', '-q'], options)
    const { code, output } = await run(title, 'apt-get', command.split(' ').slice(1), options)
    if (code === 0) return
    if (attempt === 2) say(output.trimEnd())
  }
  say(`Could not install: ${missing().join(', ')}. The tests that need them will fail.`)
}
