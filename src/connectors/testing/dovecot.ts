/** For tests: a real IMAP server (Debian's dovecot-imapd) on this computer, with one mailbox in a folder of its own. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { networkInterfaces, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Dovecot {
  port: number
  /** The certificate, which it made itself. */
  certificate: string
  /** Puts a mail into a folder, as delivered and not read. */
  deliver(mail: string, folder?: string): void
  /** All there is on the disk, by name; flags are in the names. */
  files(): string[]
  close(): Promise<void>
}

/** Of this computer in its network: not loopback, where certificates are not looked at. */
export const addressHere = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const isRoot = process.getuid?.() === 0
/** Mail is not served as root. */
const nobody = 65_534
const { username, uid, gid } = userInfo()

const configuration = (root: string, port: number) => `
protocols = imap
listen = 127.0.0.1${addressHere ? `, ${addressHere}` : ''}
base_dir = ${root}/run
state_dir = ${root}/state
log_path = ${root}/log
${isRoot ? '' : `default_internal_user = ${username}\ndefault_login_user = ${username}\ndefault_internal_group = ${execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()}`}
first_valid_uid = 1
ssl = yes
ssl_cert = <${root}/certificate.pem
ssl_key = <${root}/key.pem
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${root}/passwords
}
userdb {
  driver = static
  args = uid=${isRoot ? nobody : uid} gid=${isRoot ? nobody : gid} home=${root}/home
}
mail_location = maildir:~/Maildir
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
`

export async function startDovecot(user: string, password: string): Promise<Dovecot> {
  const root = mkdtempSync(join(tmpdir(), 'dovecot-'))
  chmodSync(root, 0o755)
  const port = await freePort()
  const names = ['DNS:localhost', 'IP:127.0.0.1', ...(addressHere ? [`IP:${addressHere}`] : [])].join(',')
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost'].concat(
      ['-addext', `subjectAltName=${names}`, '-keyout', join(root, 'key.pem')],
      ['-out', join(root, 'certificate.pem')],
    ),
    { stdio: 'ignore' },
  )
  writeFileSync(join(root, 'passwords'), `${user}:{PLAIN}${password}\n`)
  writeFileSync(join(root, 'dovecot.conf'), configuration(root, port))
  mkdirSync(join(root, 'run'))
  mkdirSync(join(root, 'state'))
  const maildir = join(root, 'home/Maildir')
  const make = (path: string) => {
    mkdirSync(path, { recursive: true })
    if (isRoot) chownSync(path, nobody, nobody)
  }
  for (const path of [join(root, 'home'), maildir]) make(path)
  let delivered = 0
  const server = spawn('/usr/sbin/dovecot', ['-F', '-c', join(root, 'dovecot.conf')], { stdio: 'ignore' })
  process.once('exit', () => server.kill())
  const ended = new Promise((resolve) => server.once('exit', resolve))
  await untilOpen(port)
  return {
    port,
    certificate: join(root, 'certificate.pem'),
    deliver(mail, folder = '') {
      const at = folder === '' ? maildir : join(maildir, `.${folder}`)
      for (const path of [at, ...['new', 'cur', 'tmp'].map((one) => join(at, one))]) make(path)
      delivered += 1
      const file = join(at, 'new', `${1_700_000_000 + delivered}.${delivered}.here`)
      writeFileSync(file, mail.replace(/\r?\n/g, '\r\n'))
      if (isRoot) chownSync(file, nobody, nobody)
    },
    files: () =>
      readdirSync(maildir, { recursive: true, encoding: 'utf8' })
        .filter((name) => /(?:new|cur)\/./.test(name))
        .sort(),
    async close() {
      server.kill()
      await ended
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await sleep(100)
  }
  throw new Error(`nothing answers at port ${port}`)
}
