import {
  type Answers,
  addGrant,
  addServer,
  checkSeen,
  serverOf,
  setServer,
  statusNow,
} from '../../contract/testing/fake-answers.ts'
import type { Fake } from '../../contract/testing/fake-state.ts'
import { HostError } from '../../kernel/errors.ts'

/** A server called bad… does not start. */
function starting(host: Fake, id: string) {
  const server = setServer(host, id, { state: 'starting' })
  const error = { code: 'server-died-at-start', message: 'It stopped at once.', hint: 'Check the command.' }
  const failed = server.name.startsWith('bad')
  setTimeout(
    () =>
      Object.assign(
        server,
        failed ? { state: 'failed', error, log: ['line one'] } : { state: 'running', tools: 3 },
      ),
    100,
  )
  return server
}

/** What takes its time at a real host, so that the command line has something to wait for; requests stay, to be answered again. */
export const slowAnswers: Answers = {
  'bridge.lower': (_input, host) => {
    const { status } = host.state
    status.bridge = { ...status.bridge, state: 'opening' }
    setTimeout(() => {
      const publicUrl = 'https://name.example/mcp'
      status.bridge = { ...status.bridge, state: 'open', publicUrl, message: 'Open.' }
    }, 300)
    return statusNow(host)
  },
  'connections.approve': ({ id, digits, access }, host) => {
    const request = host.state.connections.find((one) => one.id === id)
    if (request?.needsDigits && digits !== '123')
      throw new HostError({
        code: 'wrong-digits',
        told: { message: 'Those are not the digits.', hint: 'Look again.' },
      })
    return addGrant(host, { kind: 'client', name: request!.clientName, access })
  },
  'connections.deny': () => {},
  'approvals.decide': () => undefined,
  'servers.add': (input, host) => starting(host, addServer(host, input, 'starting').id),
  'servers.start': ({ id, seen }, host) => {
    checkSeen(serverOf(host, id), seen)
    return starting(host, id)
  },
  'servers.restart': ({ id }, host) => serverOf(host, id),
  'servers.check': ({ id }, host) => {
    const ok = !serverOf(host, id).name.startsWith('bad')
    const lastError = ok ? null : { at: 1, message: 'It did not answer within 5 seconds.' }
    const health = { checkedAt: 1, ok, requests: 1, median: ok ? 1.25 : null, p95: 2, lastError }
    return setServer(host, id, { health })
  },
  'servers.signIn': ({ id }, host) => {
    const server = serverOf(host, id)
    server.signIn = { ...server.signIn, state: 'waiting', url: 'https://sign-in.example/authorize?x=1' }
    const shown = structuredClone(server)
    setTimeout(() => {
      const problem = { code: 'refused', message: 'The page said no.', hint: 'Ask whoever runs it.' }
      server.signIn = server.name.startsWith('bad')
        ? { ...server.signIn, state: 'needed', url: null, problem }
        : { ...server.signIn, state: 'signed-in', url: null, issuer: 'https://sign-in.example' }
    }, 300)
    return shown
  },
  'servers.signOut': ({ id }, host) =>
    setServer(host, id, { signIn: { ...serverOf(host, id).signIn, state: 'none', url: null, issuer: null } }),
}
