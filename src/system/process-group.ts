import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import spawn from 'cross-spawn'

export interface ChildExit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** How long each step of ending a group may take before the next, harder one. Milliseconds. */
export interface StopPatience {
  /** After its input was closed, which is how MCP asks a server to end (2025-11-25, Lifecycle, Shutdown). */
  afterEnd: number
  afterTerm: number
}

/** A child that leads its own process group, so that whatever it starts ends with it. */
export interface ProcessGroup {
  readonly child: ChildProcess
  /** Null while it runs. */
  exit(): ChildExit | null
  /** Resolves once the leader and its whole group are gone; never rejects. */
  stop(): Promise<void>
  /** Ends the group at once, without waiting: for the last moment of our own process. */
  killNow(): void
}

/** Starts `command` (an absolute path) without a shell: arguments arrive as given. `aside`: to be read at descriptor 3. May throw on arguments with NUL. */
export function startGroup(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd: string; aside?: string | undefined; patience: StopPatience },
): ProcessGroup {
  // cross-spawn: on Windows `npx` is a .cmd file, which Node refuses to start and which needs its own quoting.
  const child = spawn(command, [...args], {
    env: options.env,
    cwd: options.cwd,
    shell: false,
    detached: process.platform !== 'win32',
    windowsHide: true,
    // Nothing else of ours is open in it.
    stdio: options.aside === undefined ? ['pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe', 'pipe'],
  })
  if (options.aside !== undefined) tellAside(child, options.aside)
  let exit: ChildExit | null = null
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal }
      resolve()
    })
    child.once('error', () => {
      if (child.pid === undefined) resolve()
    })
  })
  const within = async (milliseconds: number) => {
    const enough = new AbortController()
    const late = sleep(milliseconds, undefined, { signal: enough.signal }).catch(() => {})
    await Promise.race([exited, late])
    enough.abort()
  }

  // Afterwards the number may belong to somebody else's group.
  let ended = false
  const stop = async () => {
    const { pid } = child
    if (pid === undefined) return
    const { afterEnd, afterTerm } = options.patience
    const died = exit !== null
    if (!died) {
      child.stdin?.end()
      await within(afterEnd)
    }
    // What the leader started may outlive it, so the group is told even when the leader is gone; after a crash in a hurry, since
    // somebody waits for the next start.
    ended =
      !signalGroup(pid, 'SIGTERM') || (await gone(pid, died ? Math.min(afterTerm, afterEnd) : afterTerm))
    // The kill is only begun by then; a member that nobody collects stays visible for ever, hence the limit. A group that was seen to be
    // empty is not signalled any more: where numbers are few, a server that was just started may lead one of the same.
    if (!ended && signalGroup(pid, 'SIGKILL')) await gone(pid, 500)
    ended = true
    await within(1_000)
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
  }
  /** Resolves with true when nobody is left in the group, with false when time is up. */
  const gone = async (pid: number, milliseconds: number): Promise<boolean> => {
    for (const end = Date.now() + milliseconds; Date.now() < end; ) {
      if (!signalGroup(pid, 0)) return true
      await sleep(20)
    }
    return false
  }

  let stopping: Promise<void> | null = null
  return {
    child,
    exit: () => exit,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
    killNow() {
      if (child.pid !== undefined && !ended) signalGroup(child.pid, 'SIGKILL')
    },
  }
}

/** One that ended before it read this says so in another way. */
function tellAside(child: ChildProcess, text: string): void {
  const pipe = child.stdio[3] as Writable | null | undefined
  pipe?.on('error', () => {})
  pipe?.end(text)
}

/** False when there is nobody in the group any more. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === 'win32') {
    if (signal !== 0) spawn.sync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true })
    return false
  }
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
