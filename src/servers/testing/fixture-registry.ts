import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/**
 * A package registry on loopback, as npm asks one (registry API of npm: the document of a package, and its tarball), that takes its
 * time to hand out tarballs. It has one package: `name`, whose program is `file`.
 */
export async function startRegistry(options: {
  name: string
  file: string
  /** Run when it is installed, in its own folder. */
  postinstall?: string
}) {
  const { name } = options
  const manifest = {
    ...{ name, version: '1.0.0', bin: { [name]: 'server.mjs' } },
    ...(options.postinstall !== undefined && { scripts: { postinstall: options.postinstall } }),
  }
  const tarball = gzipSync(
    tar({
      'package/package.json': JSON.stringify(manifest),
      'package/server.mjs': `#!/usr/bin/env node\n${readFileSync(options.file, 'utf8')}`,
    }),
  )
  const handedOut = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    const { port } = server.address() as AddressInfo
    if (path === `/${name}`) {
      response.setHeader('content-type', 'application/json')
      const dist = {
        tarball: `http://127.0.0.1:${port}/${name}/-/${name}-1.0.0.tgz`,
        integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
      }
      const version = { ...manifest, ...(options.postinstall && { hasInstallScript: true }), dist }
      response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }))
    } else if (path.endsWith('.tgz')) {
      asked.resolve()
      await handedOut.promise
      response.end(tarball)
    } else {
      response.statusCode = 404
      response.end(JSON.stringify({ error: 'Not found' }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Resolves when somebody waits for the tarball. */
    asked: asked.promise,
    /** From now on the tarball is sent. */
    handOut: () => handedOut.resolve(),
    stop() {
      handedOut.resolve()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As POSIX ustar has it. */
function tar(files: Record<string, string>): Buffer {
  const parts = Object.entries(files).flatMap(([path, text]) => {
    const body = Buffer.from(text)
    const header = Buffer.alloc(512)
    const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`
    header.write(path, 0)
    header.write(octal(0o755, 8), 100)
    header.write(octal(0, 8), 108)
    header.write(octal(0, 8), 116)
    header.write(octal(body.length, 12), 124)
    header.write(octal(0, 12), 136)
    header.write('        ', 148)
    header.write('0', 156)
    header.write('ustar\x0000', 257)
    header.write(
      octal(
        header.reduce((sum, byte) => sum + byte, 0),
        7,
      ),
      148,
    )
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1_024)])
}
