// Makes a checkout ready to run: packages installed, sources built. Quick when there is nothing to do.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findNode, root, run, say } from './process.mjs'

const cache = join(root, '.cache')
const lockStamp = join(root, 'node_modules', '.drawbridge-lock')
const buildStamp = join(root, 'out', '.built-from')

const hash = (data) => createHash('sha256').update(data).digest('hex')
const textOf = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** Whether node_modules holds exactly what package-lock.json says, whoever put it there. */
function installed() {
  if (findNode() === null) return false
  const lock = textOf(join(root, 'package-lock.json'))
  if (textOf(lockStamp) === hash(lock)) return true
  // npm writes this file last: when it is missing, an installation was cut off
  const there = textOf(join(root, 'node_modules', '.package-lock.json'))
  if (there === null) return false
  try {
    const wanted = JSON.parse(lock).packages
    const found = JSON.parse(there).packages
    const same = Object.entries(wanted).every(
      ([path, { version, integrity, optional, devOptional, link }]) =>
        path === '' ||
        link ||
        (found[path] === undefined && (optional || devOptional)) ||
        (found[path]?.version === version && found[path]?.integrity === integrity),
    )
    if (same) writeFileSync(lockStamp, hash(lock))
    return same
  } catch {
    return false
  }
}

async function install() {
  const title = 'Installing the packages Drawbridge needs (this takes about a minute)'
  for (const attempt of [1, 2]) {
    const { code, output } = await run(title, 'npm', ['ci', '--no-audit', '--no-fund'], { timeout: 600_000 })
    if (code === 0 && findNode() !== null) {
      writeFileSync(lockStamp, hash(readFileSync(join(root, 'package-lock.json'))))
      return
    }
    if (attempt === 1) {
      say('That did not work. Trying once more.')
      continue
    }
    say(output.trimEnd())
    if (code === 0)
      throw new Error('Node.js 24 or newer is needed. Install it from https://nodejs.org and start again.')
    throw new Error(
      'The packages could not be installed. Check the connection to the internet and start again.',
    )
  }
}

const sources = ['src', 'electron', 'renderer', 'locales', 'scripts', 'assets']
const single = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json']

/** Of all files that the build reads: their names, sizes and times. */
function fingerprint() {
  const lines = []
  const add = (file) => {
    const { size, mtimeMs } = statSync(join(root, file))
    lines.push(`${file} ${size} ${mtimeMs}`)
  }
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (!/\.test\.tsx?$/.test(entry.name)) add(path)
    }
  }
  for (const folder of sources) if (existsSync(join(root, folder))) walk(folder)
  for (const file of single) if (existsSync(join(root, file))) add(file)
  return hash(lines.sort().join('\n'))
}

const results = ['main/drawbridge.js', 'main/index.js', 'preload/index.cjs', 'renderer/index.html']
/** Whether `out/` is what would be built now. */
export const isBuilt = () =>
  textOf(buildStamp) === fingerprint() && results.every((file) => existsSync(join(root, 'out', file)))

async function build() {
  const from = fingerprint() // before: what changes meanwhile is built next time
  const script = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  rmSync(buildStamp, { force: true })
  const { code, output } = await run(
    'Building Drawbridge',
    findNode(),
    [script, 'build', '--logLevel', 'warn'],
    {
      timeout: 300_000,
    },
  )
  if (code !== 0) {
    say(output.trimEnd())
    throw new Error('Drawbridge could not be built. The lines above say where.')
  }
  writeFileSync(buildStamp, from)
}

const alive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** One at a time: two commands started together must not install over each other. */
async function alone(work) {
  const lock = join(cache, 'prepare.lock')
  mkdirSync(cache, { recursive: true })
  for (let said = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch {
      const pid = Number(textOf(lock))
      if (pid > 0 && !alive(pid)) rmSync(lock, { force: true })
      else if (!said) say('Waiting for another Drawbridge command that is preparing this folder …')
      said = true
      await delay(200)
    }
  }
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    release()
    process.off('exit', release)
  }
}

/** Installs and builds what is missing or older than its sources. Throws an Error with words for people. */
export async function prepare() {
  if (installed() && isBuilt()) return
  await alone(async () => {
    if (!installed()) await install()
    if (!isBuilt()) await build()
  })
}

/** Runs `main` with the project ready; sets the exit code it gives. */
export async function withPrepared(main) {
  try {
    await prepare()
    process.exitCode = await main()
  } catch (error) {
    say(error.message)
    process.exitCode = 1
  }
}
