/**
 * A server of the user's own, which answers https and passes requests on to a port; OpenSSH holds that port open and leads it here
 * (`ssh -R`, RFC 4254 §7.1). The server is known by the fingerprint of its key, and by nothing else; the user is known to it by the keys
 * that they use for it anyway, which we never see.
 */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saidLater } from '../../../locales/say.ts'
import type { HelperProcess, ProgramFile } from '../helper-process.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import { notTold, typedOrigin } from './fields.ts'
import { heldOpen } from './held-open.ts'
import type { ListedProvider, ProviderKit } from './provider.ts'

const from = 'https://www.openssh.com/portable.html'
const file: ProgramFile = {
  title: 'ssh',
  from,
  command: 'ssh',
  places: ['C:\\Windows\\System32\\OpenSSH\\ssh.exe'],
}
const scanner: ProgramFile = {
  ...{ title: 'ssh-keyscan', from, command: 'ssh-keyscan' },
  places: ['C:\\Windows\\System32\\OpenSSH\\ssh-keyscan.exe'],
}
/** Servers lock out who fails often. */
const restAfterRefusal = 600_000

const server = /^([a-z_][a-z0-9._-]{0,31})@([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(\d{1,5}))?$/i
const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536

export const ssh = {
  id: 'ssh',
  naming: 'domain',
  needs: ['account', 'helper'],
  program: file,
  fields: [
    {
      name: 'address',
      kind: 'text',
      label: saidLater('tunnel.field.address.label'),
      hint: saidLater('tunnel.field.sshAddress.hint'),
      placeholder: 'https://bridge.example.com',
      required: true,
      read: typedOrigin,
    },
    {
      name: 'server',
      kind: 'text',
      label: saidLater('tunnel.field.sshServer.label'),
      hint: saidLater('tunnel.field.sshServer.hint'),
      placeholder: 'me@server.example.com:22',
      required: true,
      read: (typed) => {
        const port = server.exec(typed)?.[3] ?? '22'
        return server.test(typed) && isPort(port) ? typed : null
      },
    },
    {
      name: 'port',
      kind: 'text',
      label: saidLater('tunnel.field.sshPort.label'),
      hint: saidLater('tunnel.field.sshPort.hint'),
      placeholder: '8470',
      required: true,
      read: (typed) => (isPort(typed) ? typed : null),
    },
    {
      name: 'fingerprint',
      kind: 'text',
      label: saidLater('tunnel.field.sshFingerprint.label'),
      hint: saidLater('tunnel.field.sshFingerprint.hint'),
      placeholder: 'SHA256:…',
      required: false,
      read: (typed) => /^SHA256:[A-Za-z0-9+/]{43}$/.exec(typed)?.[0] ?? null,
    },
    {
      name: 'keyFile',
      kind: 'text',
      label: saidLater('tunnel.field.sshKeyFile.label'),
      hint: saidLater('tunnel.field.sshKeyFile.hint'),
      placeholder: '~/.ssh/id_ed25519',
      required: false,
      read: (typed) => (/^(?:~\/|\/|[A-Za-z]:\\)[^\0\n\r"%]+$/.test(typed) ? typed : null),
    },
  ],
  probe: {},
  openTimeout: 30_000,
  defaultHost: '',
  async open({ localPort, signal }, kit) {
    const origin = kit.value('address')
    const [, user, host, port = '22'] = server.exec(kit.value('server')) ?? []
    const remote = kit.value('port')
    if (origin === '' || user === undefined || host === undefined || remote === '') throw notTold('ssh')
    const key = await pinnedKey(kit, { host, port }, signal)
    const folder = await kit.folder()
    const known = join(folder.path, 'known_hosts')
    await writeFile(known, `[${host}]:${port} ${key}\n${port === '22' ? `${host} ${key}\n` : ''}`, {
      mode: 0o600,
    })
    const to = { user, host, port, known, type: key.split(' ')[0]!, keyFile: kit.value('keyFile') }
    const args = [...sshOptions(to), '-R', `127.0.0.1:${remote}:127.0.0.1:${localPort()}`, '--', host]
    const start = () => kit.start({ ...file, args, inherits: ['SSH_AUTH_SOCK'], chatter: /^debug1:/ })
    const open = async (helper: HelperProcess) => {
      const found = await helper.said(
        (line) => wrong(line, kit.now(), remote) ?? (isForwarded.test(line) || undefined),
        signal,
      )
      if (found instanceof TunnelFailure) {
        if (found.code === 'tunnel-blocked') {
          // Says which key it shows now.
          seen.clear()
          await pinnedKey(kit, { host, port }, signal)
        }
        throw found
      }
      return { origin, name: new URL(origin).hostname }
    }
    return heldOpen(start, open, folder)
  },
} satisfies ListedProvider

const isForwarded = /^debug1: remote forward success/

/** Nothing of the user's own configuration counts, so that no line of it takes the check of the key away. */
const sshOptions = (to: {
  user: string
  port: string
  known: string
  type: string
  keyFile: string
}): string[] => [
  ...['-v', '-N', '-T', '-F', 'none', '-p', to.port, '-l', to.user],
  ...(to.keyFile === '' ? [] : ['-i', to.keyFile, '-o', 'IdentitiesOnly=yes']),
  ...[
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile="${to.known}"`,
    `GlobalKnownHostsFile="${to.known}"`,
    'UpdateHostKeys=no',
    `HostKeyAlgorithms=${to.type === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : to.type}`,
    'ServerAliveInterval=5',
    'ServerAliveCountMax=2',
    'ConnectTimeout=10',
    'ForwardAgent=no',
    'ForwardX11=no',
    'PermitLocalCommand=no',
  ].flatMap((option) => ['-o', option]),
]

/** By fingerprint: asked for once, since whoever has another key is refused by ssh itself. */
const seen = new Map<string, string>()

/** Of the keys that the server shows, the one with the fingerprint we know: `type key`. Throws TunnelFailure. */
async function pinnedKey(
  kit: ProviderKit,
  { host, port }: { host: string; port: string },
  signal: AbortSignal,
): Promise<string> {
  const pinned = kit.value('fingerprint')
  const before = seen.get(`${host}:${port} ${pinned}`)
  if (before !== undefined) return before
  const { out } = await kit.ask({ ...scanner, args: ['-T', '8', '-p', port, '--', host] }, signal)
  const keys = out.split('\n').flatMap((line) => {
    const [, type, key] = /^\S+ ((?:ssh|ecdsa)-\S+) ([A-Za-z0-9+/=]+)$/.exec(line.trim()) ?? []
    return type === undefined || key === undefined ? [] : [{ type, key, print: fingerprint(key) }]
  })
  if (keys.length === 0)
    throw new TunnelFailure({ code: 'tunnel-unreachable', says: 'tunnel-ssh-unreachable', params: { host } })
  const found = keys.find(({ print }) => print === pinned)
  if (found) {
    const key = `${found.type} ${found.key}`
    seen.set(`${host}:${port} ${pinned}`, key)
    return key
  }
  const shown = keys.find(({ type }) => type === 'ssh-ed25519') ?? keys[0]!
  if (pinned === '')
    throw new TunnelFailure({
      code: 'tunnel-needs-user',
      says: 'tunnel-ssh-new-key',
      params: { host, print: shown.print },
    })
  throw new TunnelFailure({
    code: 'tunnel-needs-user',
    says: 'tunnel-ssh-other-key',
    params: { host, print: shown.print },
    until: kit.now() + 60_000,
  })
}

const fingerprint = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`

function wrong(line: string, now: number, port: string): TunnelFailure | undefined {
  if (/^debug/.test(line)) return undefined
  if (/permission denied/i.test(line))
    return new TunnelFailure({
      code: 'tunnel-needs-user',
      says: 'tunnel-ssh-denied',
      until: now + restAfterRefusal,
      detail: line,
    })
  if (/host key verification failed|identification has changed/i.test(line))
    return new TunnelFailure({
      code: 'tunnel-blocked',
      says: 'tunnel-ssh-key-check',
      until: now + restAfterRefusal,
      detail: line,
    })
  if (/remote port forwarding failed/i.test(line))
    return new TunnelFailure({
      code: 'tunnel-in-use',
      says: 'tunnel-ssh-port',
      params: { port },
      detail: line,
    })
  return undefined
}
