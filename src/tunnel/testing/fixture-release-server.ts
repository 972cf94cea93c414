/** For tests: where releases of programs are downloaded from, on loopback, and programs that say a version. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HelperRelease, ReleaseFile } from '../helpers/releases.ts'

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export async function startReleaseServer() {
  /** By path: what is there, or how it is answered. */
  const files = new Map<string, Buffer | ((res: ServerResponse) => void)>()
  const server = createServer((req, res) => {
    const file = files.get(req.url!)
    if (file === undefined) res.writeHead(404).end('Not Found')
    else if (typeof file === 'function') file(res)
    else if (req.url!.startsWith('/moved/')) res.end(file)
    // As GitHub does: what is asked for lies elsewhere.
    else {
      files.set(`/moved${req.url}`, file)
      res.writeHead(302, { location: `/moved${req.url}` }).end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    files,
    /** Puts a release there, and says what is known of it. */
    release(version: string, file: Buffer, more: Partial<ReleaseFile> = {}): HelperRelease {
      const name = more.name ?? 'cloudflared-fixture'
      files.set(`/${version}/${name}`, file)
      const known = { name, bytes: file.byteLength, sha256: sha256(file), ...more }
      return {
        version,
        from: `http://127.0.0.1:${port}/${version}/`,
        files: { 'linux-x64': known, 'linux-arm64': known, 'darwin-arm64': known, 'darwin-x64': known },
      }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
