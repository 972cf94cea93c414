import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { createNetwork, type SystemProxy } from './network.ts'
import { createNetworkFetch } from './network-fetch.ts'
import { type FixtureProxy, makeCertificate, startProxy } from './testing/fixture-proxy.ts'
import { connectThrough } from './through-proxy.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
const network = (env: NodeJS.ProcessEnv, system?: SystemProxy) =>
  createNetwork({ env, log: silentLog, redactor: createRedactor(), system })
const proxyFor = async (env: NodeJS.ProcessEnv, url: string, system?: SystemProxy) =>
  (await network(env, system).route(new URL(url))).proxy?.href ?? null

describe('which proxy', () => {
  const corp = 'http://proxy.corp:8080'
  it.each<[NodeJS.ProcessEnv, string, string | null]>([
    [{}, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp }, 'https://a.example/', `${corp}/`],
    [{ https_proxy: corp }, 'https://a.example/', `${corp}/`],
    [{ https_proxy: corp, HTTPS_PROXY: 'http://other:1' }, 'https://a.example/', `${corp}/`],
    [{ HTTPS_PROXY: corp }, 'http://a.example/', null],
    [{ HTTP_PROXY: corp }, 'http://a.example/', `${corp}/`],
    [{ HTTP_PROXY: corp }, 'https://a.example/', null],
    [{ ALL_PROXY: corp }, 'https://a.example/', `${corp}/`],
    [{ all_proxy: 'socks5h://s:1080' }, 'http://a.example/', 'socks5://s:1080'],
    [{ HTTPS_PROXY: 'proxy.corp:8080' }, 'https://a.example/', `${corp}/`],
    [{ HTTPS_PROXY: '' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: 'ftp://x' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: 'http://me:100%@proxy:1' }, 'https://a.example/', null],
    // This computer
    [{ ALL_PROXY: corp }, 'http://localhost:3000/', null],
    [{ ALL_PROXY: corp }, 'http://app.localhost:3000/', null],
    [{ ALL_PROXY: corp }, 'http://127.1.2.3:3000/', null],
    [{ ALL_PROXY: corp }, 'http://[::1]:3000/', null],
    [{ ALL_PROXY: corp }, 'http://192.168.1.5:3000/', `${corp}/`],
    // Exempt
    [{ HTTPS_PROXY: corp, NO_PROXY: 'a.example' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, no_proxy: 'example' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: '.example' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: '*.example' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: 'b.example, A.EXAMPLE' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: 'xa.example ample' }, 'https://a.example/', `${corp}/`],
    [{ HTTPS_PROXY: corp, NO_PROXY: '*' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: 'a.example:8443' }, 'https://a.example/', `${corp}/`],
    [{ HTTPS_PROXY: corp, NO_PROXY: 'a.example:443' }, 'https://a.example/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: '10.0.0.0/8' }, 'https://10.1.2.3/', null],
    [{ HTTPS_PROXY: corp, NO_PROXY: '10.0.0.0/8' }, 'https://11.1.2.3/', `${corp}/`],
    [{ HTTPS_PROXY: corp, NO_PROXY: 'fd00::/8' }, 'https://[fd12::1]/', null],
  ])('%j leads %s by %s', async (env, url, proxy) => {
    expect(await proxyFor(env, url)).toBe(proxy)
  })

  it('is the one of the system where the environment names none', async () => {
    const asked: string[] = []
    const system = (answer: string) => async (url: string) => {
      asked.push(url)
      return answer
    }
    expect(await proxyFor({}, 'https://a.example/x?y=z', system('PROXY p:3128; DIRECT'))).toBe(
      'http://p:3128/',
    )
    // Whoever wrote the script that answers need not know more.
    expect(asked).toEqual(['https://a.example/'])
    expect(await proxyFor({}, 'https://a.example/', system('HTTPS p:443'))).toBe('https://p/')
    expect(await proxyFor({}, 'https://a.example/', system('SOCKS5 p:1080'))).toBe('socks5://p:1080')
    expect(await proxyFor({}, 'https://a.example/', system('DIRECT; PROXY p:1'))).toBeNull()
    expect(await proxyFor({ HTTPS_PROXY: corp }, 'https://a.example/', system('PROXY p:1'))).toBe(`${corp}/`)
    const broken = () => Promise.reject(new Error('no'))
    expect(await proxyFor({}, 'https://a.example/', broken)).toBeNull()
  })
})

describe('the way there', () => {
  async function secure(host: string) {
    const certificate = makeCertificate(host)
    const server = createServer(certificate, (req, res) => void res.end(`${req.headers.host} ${req.url}`))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({
      close() {
        certificate.remove()
        server.closeAllConnections()
        server.close()
      },
    })
    return { port: (server.address() as AddressInfo).port, file: certificate.file }
  }
  async function start(ports: Record<string, number>): Promise<FixtureProxy> {
    const proxy = await startProxy(ports)
    open.push(proxy)
    return proxy
  }
  const fetchBy = (env: NodeJS.ProcessEnv) => {
    const made = createNetworkFetch(network(env))
    open.push(made)
    return made.fetch
  }

  it.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'ssl_cert_file'])(
    'leads through the proxy, and what %s names is trusted',
    async (name) => {
      const { port, file } = await secure('api.example')
      const proxy = await start({ 'api.example:443': port })
      const answer = await fetchBy({ HTTPS_PROXY: proxy.url, [name]: file })('https://api.example/x')
      expect(await answer.text()).toBe('api.example /x')
      expect(proxy.asked).toEqual(['CONNECT api.example:443'])
      await expect(fetchBy({ HTTPS_PROXY: proxy.url })('https://api.example/x')).rejects.toMatchObject({
        cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      })
    },
  )

  it('shows the proxy the name and password of its address, which is never shown to anybody else', async () => {
    const proxy = await start({})
    const redactor = createRedactor()
    const env = { HTTPS_PROXY: proxy.url.replace('//', '//me:s3cret-pass@') }
    const route = await createNetwork({ env, log: silentLog, redactor }).route(new URL('https://a.example'))
    await connectThrough(route, { host: '127.0.0.1', port: Number(new URL(proxy.url).port) }).then((socket) =>
      socket.destroy(),
    )
    expect(proxy.shown).toEqual([`Basic ${Buffer.from('me:s3cret-pass').toString('base64')}`])
    expect(redactor.text(route.proxy!.href)).not.toContain('s3cret-pass')
  })

  it('says that the proxy did not lead there', async () => {
    const proxy = await start({})
    proxy.refuseWith = 403
    const route = await network({ HTTPS_PROXY: proxy.url }).route(new URL('https://a.example'))
    await expect(connectThrough(route, { host: 'a.example', port: 443 })).rejects.toThrow(
      'Proxy response (403)',
    )
  })
})
