import { describe, expect, it } from 'vitest'
import { checkForm, EMPTY_FORM, suggestName } from './server-form.ts'

const stdio = (line: string, more = {}) => ({ ...EMPTY_FORM, name: 'Notes', line, ...more })
const http = (url: string, more = {}) => ({
  ...EMPTY_FORM,
  kind: 'http' as const,
  name: 'Notes',
  url,
  ...more,
})
const wrong = (form: Parameters<typeof checkForm>[0]) => {
  const checked = checkForm(form)
  return checked.ok ? {} : checked.wrong
}

describe('checkForm', () => {
  it('gives exactly what will run', () => {
    const form = stdio('TOKEN=line npx -y notes', { env: [{ id: 1, name: ' KEY ', value: ' v ' }] })
    expect(checkForm(form)).toEqual({
      ok: true,
      input: {
        kind: 'stdio',
        name: 'Notes',
        command: 'npx',
        args: ['-y', 'notes'],
        env: { TOKEN: 'line', KEY: ' v ' },
      },
    })
  })

  it('leaves out rows without name and value', () => {
    const form = http(' https://a.example/mcp ', { headers: [{ id: 1, name: '', value: '' }] })
    expect(checkForm(form)).toMatchObject({ ok: true, input: { url: 'https://a.example/mcp', headers: {} } })
  })

  it('takes an empty field for one that is not filled in, and an empty value in the line for one', () => {
    const form = stdio('HTTPS_PROXY= A=b npx notes', {
      env: [
        { id: 1, name: 'KEY', value: '' },
        { id: 2, name: 'A', value: '' },
      ],
    })
    expect(checkForm(form)).toMatchObject({ ok: true, input: { env: { HTTPS_PROXY: '', A: 'b' } } })
    expect(checkForm(form)).not.toHaveProperty('input.env.KEY')
  })

  it('sends a bare key as a bearer token, and a value with its scheme as it is', () => {
    const headers = (key: string, more = {}) => {
      const checked = checkForm(http('https://a.example/mcp', { key, ...more }))
      return checked.ok && checked.input.kind !== 'stdio' ? checked.input.headers : checked
    }
    expect(headers(' sk-1 ')).toEqual({ Authorization: 'Bearer sk-1' })
    expect(headers('Basic dTpw')).toEqual({ Authorization: 'Basic dTpw' })
    expect(headers('', { headers: [{ id: 1, name: 'X-Tenant', value: 'me' }] })).toEqual({ 'X-Tenant': 'me' })
    const both = { key: 'a', headers: [{ id: 1, name: 'authorization', value: 'b' }] }
    expect(wrong(http('https://a.example', both)).pairs).toContain('already')
    expect(wrong(http('https://a.example', { key: 'a\nb' })).key).toBeDefined()
  })

  it('takes the older kind, a time limit, a folder and what the provider gave', () => {
    expect(
      checkForm(
        http('https://a.example/sse', {
          older: true,
          timeout: 60_000,
          clientId: ' id ',
          clientSecret: 's',
          scopes: 'read,  write',
        }),
      ),
    ).toEqual({
      ok: true,
      input: {
        kind: 'sse',
        name: 'Notes',
        url: 'https://a.example/sse',
        headers: {},
        timeout: 60_000,
        oauth: { clientId: 'id', clientSecret: 's', scopes: ['read', 'write'] },
      },
    })
    expect(checkForm(stdio('npx', { cwd: ' /home/me/notes ' }))).toMatchObject({
      input: { cwd: '/home/me/notes' },
    })
    expect(wrong(stdio('npx', { cwd: 'notes' })).cwd).toContain('full path')
    expect(checkForm(stdio('npx', { cwd: 'C:\\notes' }))).toMatchObject({ ok: true })
    expect(wrong(http('https://a.example', { scopes: 'read' })).clientId).toBeDefined()
    // What belongs to the other kind is not in the way.
    expect(checkForm(stdio('npx', { scopes: 'read', key: 'a\nb' }))).toMatchObject({ ok: true })
  })

  it('says what is wrong, by field', () => {
    expect(wrong(stdio('', { name: '' }))).toMatchObject({
      name: expect.any(String),
      line: expect.any(String),
    })
    expect(wrong(stdio('npx "a')).line).toContain('quote')
    expect(wrong(http('weather.example')).url).toContain('https://')
    expect(wrong(http('file:///etc/passwd')).url).toBeDefined()
    expect(wrong(stdio('npx', { env: [{ id: 1, name: 'A B', value: 'x' }] })).pairs).toContain('A B')
    expect(wrong(stdio('npx', { env: [{ id: 1, name: '', value: 'x' }] })).pairs).toBeDefined()
    const twice = [
      { id: 1, name: 'A', value: 'x' },
      { id: 2, name: 'A ', value: 'y' },
    ]
    expect(wrong(stdio('npx', { env: twice })).pairs).toContain('twice')
    expect(
      wrong(http('https://a.example', { headers: [{ id: 1, name: 'X:Y', value: 'x' }] })).pairs,
    ).toBeDefined()
  })
})

it.each([
  ['npx -y @modelcontextprotocol/server-filesystem /home/me', 'filesystem'],
  ['npx -y @scope/notes-mcp@1.2.3 --x', 'notes'],
  ['uvx mcp-server-git', 'git'],
  ['node /opt/weather.js', 'weather'],
  ['node /opt/server-files/dist/index.js /home/me', 'files'],
  ['python3 server.py', 'server'],
  ['"C:\\Program Files\\nodejs\\npx.cmd" -y calendar', 'calendar'],
  ['/usr/local/bin/gbrain serve', 'gbrain'],
  ['', ''],
])('a name for %j is %j', (line, name) => expect(suggestName(stdio(line))).toBe(name))

it('names an address by its host', () => {
  expect(suggestName(http('https://mcp.weather.example/sse'))).toBe('weather')
  expect(suggestName(http('not yet'))).toBe('')
  expect(suggestName(http('http://127.0.0.1:3000/mcp'))).toBe('')
  expect(suggestName(http('http://[::1]:3000/mcp'))).toBe('')
})
