import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { backupPart } from '../../contract/backup.ts'
import { fakeBackup } from '../../contract/testing/fake-answers.ts'
import { startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
let file: string
beforeAll(async () => {
  h = await startHarness()
  file = join(h.dir, 'home.drawbridge-backup')
  writeFileSync(file, Buffer.alloc(backupPart + 1, 'x'))
})
afterAll(() => h.stop())
beforeEach(() => {
  h.forget()
  h.env = { PHRASE: fakeBackup.passphrase }
})
const facts = { ...fakeBackup.facts }
afterEach(() => {
  Object.assign(fakeBackup.facts, facts)
})

const restore = (...more: string[]) =>
  h.drawbridge('backup', 'restore', file, '--passphrase-env', 'PHRASE', ...more)
const puts = () => h.called.filter(({ name }) => name === 'backup.put').length
const full = { code: 'disk-full', message: 'The disk is full.', hint: '' }

it('takes back what it handed over when the rest of it does not go through', async () => {
  Object.defineProperty(h.state.failing, 'backup.put', { get: () => (puts() > 1 ? full : undefined) })
  expect((await restore('--yes')).err).toContain(full.message)
  expect(puts()).toBe(2)
  expect(h.last('backup.discard')).toEqual({ id: fakeBackup.id })
})

it('says what went wrong, and not that it could not be taken back', async () => {
  h.env = { PHRASE: 'not this one' }
  h.state.failing['backup.discard'] = { code: 'internal', message: 'Gone.', hint: '' }
  expect((await restore('--yes')).err).toContain('This passphrase does not open the backup.')
})

it('asks before the log here is emptied by a backup without one', async () => {
  const emptied = 'The activity log is not in it, so the one here is emptied.'
  h.answers.push(false)
  expect((await restore()).err).toContain(emptied)
  expect(h.last('backup.restore')).toBeUndefined()
  fakeBackup.facts.log = true
  expect((await restore('--yes')).err).not.toContain(emptied)
})

it('writes out what would not be seen in the name of a computer once', async () => {
  fakeBackup.facts.computer = 'vm\u202e'
  const { out, err } = await restore('--yes')
  expect(err).toContain('vm⟨U+202E⟩\n')
  expect(out).toContain('Quit Drawbridge on vm⟨U+202E⟩,')
})
