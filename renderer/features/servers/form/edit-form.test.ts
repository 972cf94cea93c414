import { describe, expect, it } from 'vitest'
import type { Server } from '../../../../src/contract/servers.ts'
import { server } from '../../../testing/server-samples.ts'
import { withChange } from '../../../ui/hooks/use-changes.ts'
import { checkEditForm, formOf } from './edit-form.ts'

const input = (one: Server, patch: Partial<ReturnType<typeof formOf>> = {}) => {
  const checked = checkEditForm({ ...formOf(one), ...patch }, one)
  return checked.ok ? checked.input : checked.wrong
}
const program = server('s1', 'Notes', {
  command: '/opt/my notes/run',
  // words that no line could hold without quotes
  args: ['--say', "it's", '"x"', '', 'C:\\notes\\', 'two\nlines'],
  cwd: '/home/me',
  env: ['KEY', 'OTHER'],
  timeout: 45_000,
})
const address = server('s2', 'Web', {
  kind: 'http',
  url: 'https://a.example/mcp',
  headers: ['authorization', 'X-Tenant'],
  oauth: { clientId: 'me', scopes: ['read', 'write'] },
})

describe('what is shown of a server and sent back', () => {
  it('is the same when nothing was touched', () => {
    const { command, args, cwd, timeout } = program
    expect(input(program)).toEqual({
      ...{ id: 's1', kind: 'stdio', name: 'Notes', command, args, cwd, timeout },
      env: { KEY: null, OTHER: null },
    })
    expect(input(address)).toEqual({
      ...{ id: 's2', kind: 'http', name: 'Web', url: 'https://a.example/mcp', timeout: 30_000 },
      headers: { authorization: null, 'X-Tenant': null },
      oauth: { clientId: 'me', scopes: ['read', 'write'] },
    })
  })

  it('has a start limit of its own only when that was changed', () => {
    expect(input(program, { startTimeout: 90_000 })).toMatchObject({ startTimeout: 90_000 })
    expect(input(address, { startTimeout: 90_000 })).toMatchObject({ startTimeout: 90_000 })
    expect(input(program, { timeout: 60_000 })).not.toHaveProperty('startTimeout')
  })

  it('holds no secret, and its line means the same words', () => {
    const { env, line } = formOf(program)
    expect(env.map(({ value }) => value)).toEqual(['', ''])
    expect(input(program, { line: `${line} more` })).toMatchObject({
      command: program.command,
      args: [...program.args, 'more'],
    })
  })

  it('has what was typed, without what was taken out', () => {
    const [key] = formOf(program).env
    const typed = [
      { ...key!, value: 'new' },
      { id: 9, name: 'MORE', value: 'x' },
    ]
    expect(input(program, { env: typed, cwd: '', name: 'Mine' })).toMatchObject({
      name: 'Mine',
      env: { KEY: 'new', MORE: 'x' },
    })
    expect(input(program, { cwd: '' })).not.toHaveProperty('cwd')
    expect(input(address, { key: 'sk-2', headers: [] })).toMatchObject({
      headers: { Authorization: 'Bearer sk-2' },
    })
    expect(input(address, { keyKept: false, older: true, clientId: '', scopes: '' })).toEqual({
      ...{ id: 's2', kind: 'sse', name: 'Web', url: 'https://a.example/mcp', timeout: 30_000 },
      headers: { 'X-Tenant': null },
    })
  })

  it('is refused with the same words as a new one', () => {
    expect(input(program, { name: '', line: 'npx "a' })).toMatchObject({
      name: expect.any(String),
      line: expect.stringContaining('quote'),
    })
    const twice = { headers: [{ id: 5, name: 'Authorization', value: 'x' }] }
    expect(input(address, twice)).toMatchObject({ pairs: expect.stringContaining('already') })
    const again = { env: [...formOf(program).env, { id: 9, name: 'KEY', value: 'x' }] }
    expect(input(program, again)).toMatchObject({ pairs: expect.stringContaining('twice') })
  })
})

describe('a server that another window changed while the dialog was open', () => {
  /** What was typed over `before` is sent when the server is `now`. */
  const typed = (before: Server, now: Server, patch: Partial<ReturnType<typeof formOf>>) =>
    input(now, withChange(formOf(before), {}, patch))

  it('keeps all of that under a new name', () => {
    const now = server('s1', 'Notes', {
      ...program,
      ...{ args: ['--read-only'], env: ['KEY'], confined: true, timeout: 60_000, startTimeout: 90_000 },
    })
    const sent = typed(program, now, { ...formOf(program), name: 'Mine' })
    expect(sent).toMatchObject({ name: 'Mine', args: ['--read-only'], env: { KEY: null }, timeout: 60_000 })
    expect(sent).not.toHaveProperty('confined')
    expect(sent).not.toHaveProperty('startTimeout')
  })

  it('does not get back a value that was taken out, beside one that is put in', () => {
    const now = server('s1', 'Notes', { ...program, env: ['KEY'] })
    const env = [...formOf(program).env, { id: 9, name: 'MORE', value: 'x' }]
    expect(typed(program, now, { env })).toMatchObject({ env: { KEY: null, MORE: 'x' } })
    expect(typed(program, now, { env })).not.toHaveProperty('env.OTHER')
  })
})
