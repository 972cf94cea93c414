import { Agent, request } from 'node:http'
import type { CallName, Input, Output } from '../contract/api.ts'
import type { Reply } from '../contract/pipe.ts'
import { readControlFile } from '../control/control-file.ts'
import { HostError } from '../kernel/errors.ts'

/** Starting a server may download it first. */
const patience = 180_000

export interface HostClient {
  /** Throws HostError: the host's own, or `host-not-running`. */
  call<K extends CallName>(name: K, input: Input<K>): Promise<Output<K>>
  /** A link that lets one browser in; null when the host shows its pages in a window of its own. */
  newLink(): Promise<string | null>
}

const notRunning = (dataDir: string, cause?: unknown) =>
  new HostError({ code: 'host-not-running', params: { dataDir }, cause })

/** Talks to the host that runs over this data folder, with the key that only its user can read. */
export function createHostClient(dataDir: string): HostClient {
  const post = async (path: string, body: unknown): Promise<Reply> => {
    const control = readControlFile(dataDir)
    if (!control) throw notRunning(dataDir)
    let text: string
    try {
      text = await send(control.port, control.key, path, JSON.stringify(body))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'TIMEOUT') throw tooLong()
      throw notRunning(dataDir, error)
    }
    try {
      const reply = JSON.parse(text) as Reply
      if (typeof reply.ok === 'boolean' && (reply.ok || reply.error.code !== 'not-let-in')) return reply
    } catch {
      // not JSON: another program sits on a port that a killed host once had
    }
    throw notRunning(dataDir)
  }
  return {
    async call<K extends CallName>(name: K, input: Input<K>) {
      const reply = await post(`/api/call/${name}`, { input })
      if (!reply.ok) throw new HostError({ code: reply.error.code, told: reply.error })
      return reply.value as Output<K>
    },
    async newLink() {
      const reply = await post('/api/link', {})
      return reply.ok ? (reply.value as { url: string }).url : null
    },
  }
}

const tooLong = () => new HostError({ code: 'too-long' })

/** node:http with an agent of its own: the key must not go through a proxy that the environment names. */
function send(port: number, key: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        agent: new Agent({ keepAlive: false }),
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        timeout: patience,
      },
      (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        res.on('end', () => resolve(text)).on('error', reject)
      },
    )
    req.on('timeout', () => req.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })))
    req.on('error', reject).end(body)
  })
}
