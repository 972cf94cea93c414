// Starting other programs: with visible progress, or as if they were us.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export const root = join(import.meta.dirname, '..')
const bin = join(root, 'node_modules', '.bin')
const windows = process.platform === 'win32'

/** Where progress is written; standard output may belong to a program. */
export const say = (line) => process.stderr.write(`${line}\n`)

/** The environment for programs of this project: its own Node and tools first. */
export const environment = (more = {}) => ({
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  ...more,
})

/** Node 24: the one this one is, or the one that is installed with the project. Null when there is none. */
export function findNode() {
  const own = join(bin, windows ? 'node.cmd' : 'node')
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return existsSync(own) ? own : null
}

/** Ends a program and everything it started. */
function endGroup(child, signal) {
  try {
    if (windows) child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // it is gone already
  }
}

/**
 * Runs a program to its end. `quiet`: its output is shown only when it fails, and a growing line shows that it works.
 * Gives `{code, seconds, output}`; code is null when it could not start or took longer than `timeout` milliseconds.
 */
export function run(title, command, args, { quiet = true, timeout = 900_000, env = {}, cwd = root } = {}) {
  return new Promise((resolve) => {
    const begun = Date.now()
    const seconds = () => Math.round((Date.now() - begun) / 1000)
    const live = process.stderr.isTTY && quiet
    if (title) process.stderr.write(live ? `${title} …` : `${title} …\n`)
    const child = spawn(command, args, {
      cwd,
      env: environment(quiet ? { NO_COLOR: '1', FORCE_COLOR: '0', ...env } : env),
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      // a group of its own, so that nothing it started is left behind
      detached: !windows,
      shell: windows,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (part) => {
        output = (output + part).slice(-200_000)
      })
    const tick = setInterval(
      () => {
        if (live) process.stderr.write(`\r${title} … ${seconds()} s`)
        else if (title && quiet) say(`  still working, ${seconds()} s`)
      },
      live ? 1_000 : 15_000,
    )
    let late = false
    const limit = setTimeout(() => {
      late = true
      endGroup(child, 'SIGKILL')
    }, timeout)
    const interrupt = (signal) => {
      endGroup(child, signal)
      process.exit(130)
    }
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
    const finish = (code) => {
      clearInterval(tick)
      clearTimeout(limit)
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
      if (live) process.stderr.write(`\r${title} … ${seconds()} s\n`)
      if (late) output += `\nStopped after ${seconds()} s: it took too long.\n`
      resolve({ code, seconds: seconds(), output })
    }
    child.on('error', (error) => {
      output += `\n${error.message}\n`
      finish(null)
    })
    child.on('close', (code) => {
      endGroup(child, 'SIGKILL') // children that outlived it
      finish(late ? null : code)
    })
  })
}

/**
 * Becomes another program, as far as one can: its input and output, its signals, its exit code. npm puts a shell between
 * itself and us, which dies of a signal without passing it on: then we are handed to another parent, and end as well.
 */
export function become(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: process.cwd(), env: environment(env), stdio: 'inherit' })
    const pass = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
    const parent = process.ppid
    const orphaned = () => {
      if (process.ppid === parent) return
      clearInterval(watch)
      child.kill('SIGTERM')
    }
    const watch = setInterval(process.env.npm_lifecycle_event ? orphaned : () => {}, 250)
    child.on('error', (error) => {
      say(`${command} could not be started: ${error.message}`)
      resolve(1)
    })
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

/**
 * We live as long as what we start, and our environment can be read all that time. Only Node 24 can leave the passphrase behind, which runs the
 * sources as they are; with an older one it stays in ours, as it does in npm's.
 */
export async function leavePassphraseBehind() {
  const isTold = Object.keys(process.env).some((name) => /^DRAWBRIDGE_(?:PASSPHRASE$|TUNNEL_)/.test(name))
  if (isTold && typeof process.execve === 'function')
    (await import('../src/storage/vault/passphrase.ts')).leavePassphraseBehind()
}
