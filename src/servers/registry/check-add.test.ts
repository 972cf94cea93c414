import { expect, it } from 'vitest'
import { checkAdd } from './check-add.ts'

it('takes an empty variable as it is, and an empty header for none', async () => {
  const env = { HTTPS_PROXY: '', KEY: 'v' }
  const common = { name: 'A', timeout: 30_000 }
  const program = { ...common, kind: 'stdio' as const, command: process.execPath, args: [], env }
  expect(await checkAdd(program, async () => [], {})).toMatchObject({ env })
  const headers = { 'X-A': '', 'X-B': 'b' }
  const remote = { ...common, kind: 'http' as const, url: 'https://a.example/mcp', headers }
  expect((await checkAdd(remote, async () => [], {})).headers).toEqual({ 'X-B': 'b' })
})
