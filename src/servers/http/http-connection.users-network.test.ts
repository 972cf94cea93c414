import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { homedir } from 'node:os'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { createNetwork } from '../../net/network.ts'
import { type FixtureProxy, makeCertificate, startProxy } from '../../net/testing/fixture-proxy.ts'
import { childEnv } from '../../system/child-env.ts'
import { createConfinement } from '../stdio/confinement.ts'
import { callText, closeAll, fixture, type SetUp, setUp, stdio } from '../testing/setup.ts'

let at: SetUp
const open: { close(): unknown }[] = []
beforeEach(() => {
  at = setUp({ firstBackoff: 50, start: 5_000 })
})
afterEach(async () => {
  await closeAll()
  for (const one of open.splice(0)) await one.close()
})

const mcp = (): RequestListener => {
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'web', version: '1' })
      server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }))
      return server
    }),
  )
  return (req, res) => void handler(req, res)
}
async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  open.push({
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
async function proxyTo(ports: Record<string, number>): Promise<FixtureProxy> {
  const proxy = await startProxy(ports)
  open.push(proxy)
  return proxy
}
const serversIn = (env: NodeJS.ProcessEnv) =>
  at.create({ env: { PATH: process.env.PATH, HOME: at.dir, ...env } })
const web = (url: string) => ({ kind: 'http' as const, name: 'Web', url, headers: {}, timeout: 5_000 })

describe('a server behind the proxy of the user’s network', () => {
  it('is reached over http by the absolute address, and by nothing where NO_PROXY names it', async () => {
    const proxy = await proxyTo({ 'mcp.example:80': await listen(createHttp(mcp())) })
    const servers = serversIn({ http_proxy: proxy.url })
    expect(await servers.add(web('http://mcp.example/mcp'))).toMatchObject({ state: 'running', tools: 1 })
    expect(await callText(servers, 'web', 'hello')).toBe('hello')
    expect(new Set(proxy.asked)).toEqual(new Set(['POST http://mcp.example/mcp']))

    const asked = proxy.asked.length
    const apart = serversIn({ HTTP_PROXY: proxy.url, NO_PROXY: 'mcp.example' })
    expect((await apart.add({ ...web('http://mcp.example/mcp'), name: 'Two' })).state).toBe('failed')
    expect(proxy.asked).toHaveLength(asked)
  })

  it('is reached over https through a tunnel, with the certificates that the user trusts', async () => {
    const certificate = makeCertificate('mcp.example')
    open.push({ close: certificate.remove })
    const proxy = await proxyTo({ 'mcp.example:443': await listen(createHttps(certificate, mcp())) })
    const trusting = serversIn({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate.file })
    expect((await trusting.add(web('https://mcp.example/mcp'))).state).toBe('running')
    expect(await callText(trusting, 'web', 'hello')).toBe('hello')
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT mcp.example:443']))

    const strict = serversIn({ HTTPS_PROXY: proxy.url })
    expect(await strict.add({ ...web('https://mcp.example/mcp'), name: 'Two' })).toMatchObject({
      state: 'failed',
      error: { code: 'server-certificate', message: expect.stringContaining('self-signed') },
    })
  })

  it('and one on this computer is asked directly', async () => {
    const proxy = await proxyTo({})
    const servers = serversIn({ ALL_PROXY: proxy.url })
    const port = await listen(createHttp(mcp()))
    expect((await servers.add(web(`http://127.0.0.1:${port}/mcp`))).state).toBe('running')
    expect(proxy.asked).toEqual([])
  })

  it.each([
    ['that lets nobody through', 403, /did not lead us to mcp\.example/],
    ['that wants a name and a password', 407, /name and a password/],
  ])('is told from a proxy %s', async (_what, status, words) => {
    const proxy = await proxyTo({})
    proxy.refuseWith = status
    const servers = serversIn({ HTTPS_PROXY: proxy.url })
    expect(await servers.add(web('https://mcp.example/mcp'))).toMatchObject({
      error: { code: 'proxy-refused', message: expect.stringMatching(words) },
    })
  })

  it('is told from a proxy that is not there', async () => {
    const servers = serversIn({ HTTPS_PROXY: 'http://127.0.0.1:9' })
    expect(await servers.add(web('https://mcp.example/mcp'))).toMatchObject({
      error: { code: 'proxy-refused', message: expect.stringContaining('(127.0.0.1:9)') },
    })
  })
})

describe('signing in behind a proxy', () => {
  const guarded = (env: NodeJS.ProcessEnv, server: string) => {
    const network = createNetwork({ env, log: silentLog, redactor: at.redactor })
    const made = createGuardedFetch({
      server: new URL(server),
      network,
      maxBytes: 1_000_000,
      timeLimit: 15_000,
    })
    open.push(made)
    return made.fetch
  }

  it('goes through it, and asks for nothing in a local network all the same', async () => {
    const certificate = makeCertificate('login.example')
    open.push({ close: certificate.remove })
    const port = await listen(createHttps(certificate, (_req, res) => void res.end('{"issuer":"x"}')))
    const proxy = await proxyTo({ 'login.example:443': port })
    const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, SSL_CERT_FILE: certificate.file }
    const fetch = guarded(env, 'https://mcp.example/mcp')
    expect(await (await fetch('https://login.example/')).json()).toEqual({ issuer: 'x' })
    expect(proxy.asked).toEqual(['CONNECT login.example:443'])
    for (const address of [
      'http://login.example/',
      'https://10.0.0.1/',
      'https://169.254.169.254/',
      'https://[fd00::1]/',
      'https://localhost/',
      `https://127.0.0.1:${port}/`,
    ])
      await expect(fetch(address), address).rejects.toThrow()
    expect(proxy.asked).toHaveLength(1)
  })

  it('gives nothing to a service in the proxy’s own network that cannot be the one that was asked for', async () => {
    const certificate = makeCertificate('intranet.corp')
    open.push({ close: certificate.remove })
    let hits = 0
    const port = await listen(
      createHttps(certificate, (_req, res) => {
        hits += 1
        res.end('{}')
      }),
    )
    const proxy = await proxyTo({ 'login.example:443': port })
    const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: certificate.file }
    await expect(guarded(env, 'https://mcp.example/mcp')('https://login.example/')).rejects.toThrow()
    expect(hits).toBe(0)
  })
})

describe('servers that are started', () => {
  const network = {
    ...{ HTTPS_PROXY: 'http://p:1', https_proxy: 'http://p:1', NO_PROXY: 'a', no_proxy: 'a', all_proxy: 'b' },
    ...{ NODE_EXTRA_CA_CERTS: '/etc/ca.pem', SSL_CERT_FILE: '/etc/ca.pem' },
  }

  it('know the proxies and certificates of the network, and nothing else of ours', async () => {
    const servers = serversIn({ ...network, AWS_SECRET: 'x', DISPLAY: ':0', HTTPS_PROXY_TOKEN: 'x' })
    expect((await servers.add(stdio('Own', [fixture]))).state).toBe('running')
    const seen = JSON.parse(await callText(servers, 'own', 'env')) as Record<string, string>
    expect(seen).toMatchObject(network)
    for (const name of ['AWS_SECRET', 'HTTPS_PROXY_TOKEN']) expect(seen).not.toHaveProperty(name)
  })

  it('keep what the user gave them for themselves, in whatever spelling', () => {
    expect(childEnv(network, [], { HTTPS_PROXY: 'http://mine:1', no_proxy: '' })).toEqual({
      ...{ PATH: '', HTTPS_PROXY: 'http://mine:1', no_proxy: '', all_proxy: 'b' },
      ...{ NODE_EXTRA_CA_CERTS: '/etc/ca.pem', SSL_CERT_FILE: '/etc/ca.pem' },
    })
  })

  it('find the certificates also when they are kept to their own folder', async () => {
    const certificate = makeCertificate('mcp.example')
    open.push({ close: certificate.remove })
    const confinement = createConfinement(at.dir, { home: homedir() })
    const env = { PATH: '/usr/bin', SSL_CERT_FILE: certificate.file }
    const run = { command: '/usr/bin/cat', args: [certificate.file], cwd: at.dir, env }
    // Not by its argument, which would show it in any case.
    const wrapped = await confinement.wrap('one', null, { ...run, args: [] }, {})
    expect(wrapped.aside).toContain(['--ro-bind', certificate.file, certificate.file].join('\0'))
  })
})
