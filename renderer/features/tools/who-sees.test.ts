import { expect, it } from 'vitest'
import type { Grant } from '../../../src/contract/access.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { whoSees } from './who-sees.ts'

const tool = { id: 'files__read', sourceId: 'files', enabled: true, localOnly: false }
const grant = (name: string, more: Partial<Grant> = {}) =>
  ({ name, workspace: 'default', tools: null, expiresAt: null, ...more }) as Grant
const workspaces = [
  { name: 'default', sources: null },
  { name: 'work', sources: ['npm'] },
] as Workspace[]

it('names everybody who has the tool', () => {
  const grants = [
    grant('all'),
    grant('chosen', { tools: ['files__read'] }),
    grant('others', { tools: ['npm'] }),
    grant('elsewhere', { workspace: 'work' }),
    grant('ended', { expiresAt: 5 }),
  ]
  expect(whoSees(tool, grants, workspaces, 10)).toEqual(['all', 'chosen'])
  expect(whoSees({ ...tool, enabled: false }, grants, workspaces, 10)).toEqual([])
  const places = [
    grant('here', { lastOrigin: 'http://127.0.0.1:4000' }),
    grant('away', { lastOrigin: 'https://name.example' }),
    grant('new', { lastOrigin: null }),
  ]
  expect(whoSees({ ...tool, localOnly: true }, places, workspaces, 10)).toEqual(['here'])
})
