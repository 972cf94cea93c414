/** For tests: OpenSSH's server on this computer, with a key of its own and one client that it knows. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

export type Sshd = Awaited<ReturnType<typeof startSshd>>

export async function startSshd() {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-sshd-'))
  const newKey = (name: string) => {
    rmSync(join(folder, name), { force: true })
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  }
  newKey('host')
  newKey('client')
  newKey('stranger')
  const port = await freePort()
  const config = join(folder, 'sshd_config')
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'client.pub')), { mode: 0o600 })
  writeFileSync(
    config,
    [
      ...[
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${folder}/host`,
        `AuthorizedKeysFile ${folder}/authorized`,
      ],
      'MaxStartups 100',
      ...[
        'PermitRootLogin yes',
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
        `PidFile ${folder}/pid`,
      ],
    ].join('\n'),
  )
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  let child: ChildProcess | null = null
  const server = {
    port,
    user: userInfo().username,
    key: join(folder, 'client'),
    strangersKey: join(folder, 'stranger'),
    fingerprint: () =>
      execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1]!,
    /** As after the server was set up anew. */
    newHostKey: () => newKey('host'),
    async start() {
      child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: 'ignore', detached: true })
      for (let i = 0; i < 200; i += 1) {
        try {
          if (
            execFileSync('ssh-keyscan', ['-T', '1', '-p', String(port), '127.0.0.1'], {
              stdio: ['ignore', 'pipe', 'ignore'],
            }).length > 0
          )
            return
        } catch {
          await sleep(20)
        }
      }
      throw new Error('sshd did not start')
    },
    /** Its connections, not itself. */
    drop() {
      const sessions = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n')
      for (const line of sessions) {
        const [, pid, parent] = /^\s*(\d+)\s+(\d+)/.exec(line) ?? []
        if (Number(parent) !== child?.pid) continue
        try {
          process.kill(Number(pid), 'SIGKILL')
        } catch {
          // gone by itself
        }
      }
    },
    async stop() {
      if (child === null) return
      const ended = new Promise((resolve) => child!.once('exit', resolve))
      server.drop()
      child.kill('SIGTERM')
      child = null
      await ended
    },
    async close() {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
  await server.start()
  return server
}
