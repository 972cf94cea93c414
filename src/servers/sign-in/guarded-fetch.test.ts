import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGuardedFetch } from './guarded-fetch.ts'
import { checkPage } from './page-address.ts'

let hits = 0
let local = ''
const inside = createServer((_req, res) => {
  hits += 1
  res.setHeader('content-type', 'application/json')
  res.end('{}')
})
beforeEach(async () => {
  hits = 0
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  local = `127.0.0.1:${(inside.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => inside.close(resolve)))

it('asks nobody on this computer or in its network for a server on the internet', async () => {
  const { fetch, close } = createGuardedFetch(new URL('https://mcp.example.com/mcp'))
  const port = local.split(':')[1]
  for (const address of [
    `http://${local}/`,
    `https://${local}/`,
    `http://localhost:${port}/`,
    `https://localhost:${port}/`,
    `https://[::1]:${port}/`,
    `https://[::ffff:127.0.0.1]:${port}/`,
    `https://2130706433:${port}/`,
    `https://0x7f.1:${port}/`,
    `https://0.0.0.0:${port}/`,
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://192.168.1.1/',
    'https://[fd00::1]/',
    'http://login.example.com/',
    'https://user:pw@login.example.com/',
    'file:///etc/passwd',
    'data:application/json,{}',
  ])
    await expect(fetch(address), address).rejects.toThrow()
  expect(hits).toBe(0)
  await close()
})

it('asks this computer for a server on this computer, with http only there', async () => {
  const { fetch, close } = createGuardedFetch(new URL('http://127.0.0.1:1/mcp'))
  const response = await fetch(`http://${local}/`)
  expect(response).toBeInstanceOf(Response)
  expect(await response.json()).toEqual({})
  await expect(fetch('http://10.0.0.1/')).rejects.toThrow('not https')
  expect(hits).toBe(1)
  await close()
})

it('follows no redirect by itself, and reads no endless answer', async () => {
  const odd = createServer((req, res) => {
    if (req.url === '/moved') res.writeHead(302, { location: `http://${local}/` }).end()
    else res.end('x'.repeat(2_000_000))
  })
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`
  const { fetch, close } = createGuardedFetch(new URL(origin))
  expect((await fetch(`${origin}/moved`)).status).toBe(302)
  expect(hits).toBe(0)
  await expect(fetch(`${origin}/endless`)).rejects.toThrow()
  await close()
  await new Promise((resolve) => odd.close(resolve))
})

it('lets only web pages be opened', () => {
  expect(checkPage('https://login.example.com/authorize?a=b')).toBe('https://login.example.com/authorize?a=b')
  expect(checkPage(new URL('http://127.0.0.1:5/authorize'))).toBe('http://127.0.0.1:5/authorize')
  for (const address of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'vbscript:x',
    'ms-msdt:/id',
    'search-ms:query=x',
    'http://login.example.com/',
    'http://127.0.0.1.evil.example/',
    'https://user@login.example.com/',
    'a:$(calc.exe)?response_type=code',
    '',
    `https://x.example/${'a'.repeat(20_000)}`,
  ])
    expect(() => checkPage(address), address).toThrow(expect.objectContaining({ code: 'sign-in-unsafe' }))
})
