import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { soon, useStage } from './stage.ts'

describe('backup', () => {
  const stage = useStage()
  const { show, button, commands } = stage

  it('is made with a passphrase that was typed twice, and saved whole', async () => {
    await show('busy', '/settings')
    await button('Make a backup').click()
    const dialog = stage.page.getByRole('dialog')
    const make = dialog.getByRole('button', { name: 'Make a backup' })
    await make.click()
    await dialog.getByText('Choose a passphrase of at least 10 characters.').waitFor()
    await dialog.getByLabel('Passphrase', { exact: true }).fill('three words and more')
    await make.click()
    await dialog.getByText('These are two different passphrases.').waitFor()
    await dialog.getByLabel('The same passphrase again').fill('three words and more')
    const saved = stage.page.waitForEvent('download')
    await make.click()
    const file = await saved
    expect(file.suggestedFilename()).toMatch(/^drawbridge-\d{4}-\d\d-\d\d\.drawbridge-backup$/)
    expect(await readFile(await file.path(), 'utf8')).toBe('a backup in several parts')
    expect(commands('backup.create')).toEqual([{ passphrase: 'three words and more', log: false }])
    await soon(() => expect(commands('backup.discard')).toEqual([{ id: 'backup_0123456789ab' }]))
  })

  it('is looked into before it replaces anything, and only then asked about', async () => {
    await show('busy', '/settings')
    await button('Restore a backup').click()
    await stage.page
      .getByLabel('The file with the backup')
      .setInputFiles({ name: 'x', mimeType: '', buffer: Buffer.alloc(600_000, 'x') })
    await stage.page.getByLabel('Passphrase').fill('not this one')
    await button('Open it').click()
    await stage.page.getByText('This passphrase does not open the backup.').waitFor()
    await stage.page.getByLabel('Passphrase').fill('three words and more')
    await button('Open it').click()
    await stage.page.getByText('the computer “kitchen-mac”').waitFor()
    await stage.page.getByText('The activity log is not in it').waitFor()
    // handed over whole, in parts, each time
    const parts = commands('backup.put') as { id: string | null; data: string }[]
    expect(parts.map(({ id }) => id)).toEqual([null, 'backup_0123456789ab', null, 'backup_0123456789ab'])
    expect(atob(parts[0]!.data).length + atob(parts[1]!.data).length).toBe(600_000)
    expect(commands('backup.restore')).toEqual([])
    await button('Replace everything').click()
    await stage.page.getByText('The backup is ready').waitFor()
    expect(commands('backup.restore')).toEqual([
      { id: 'backup_0123456789ab', passphrase: 'three words and more' },
    ])
  })

  it('is taken back when it could not be handed over whole, or nobody waits for it any more', async () => {
    await show('busy', '/settings')
    const full = { code: 'disk-full', message: 'The disk is full.', hint: '' }
    const { failing } = stage.host.world()
    Object.defineProperty(failing, 'backup.put', {
      configurable: true,
      get: () => (commands('backup.put').length === 2 ? full : undefined),
    })
    await button('Restore a backup').click()
    await stage.page
      .getByLabel('The file with the backup')
      .setInputFiles({ name: 'x', mimeType: '', buffer: Buffer.alloc(600_000, 'x') })
    await stage.page.getByLabel('Passphrase').fill('three words and more')
    await button('Open it').click()
    await stage.page.getByText('The disk is full.').waitFor()
    await soon(() => expect(commands('backup.discard')).toEqual([{ id: 'backup_0123456789ab' }]))
    await stage.page.route('**/api/call/backup.look', async (route) => {
      await button('Cancel').click()
      await route.continue()
    })
    await button('Open it').click()
    await soon(() => expect(commands('backup.discard')).toHaveLength(2))
  })

  it('an address that another computer has can be used here', async () => {
    await show('address-elsewhere')
    await stage.page.getByText('in use on another computer').waitFor()
    await button('Use it here').click()
    await soon(() => expect(commands('tunnel.takeOver')).toHaveLength(1))
    await button('Use it here').waitFor({ state: 'detached' })
  })
})
