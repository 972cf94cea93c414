import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { FolderStage, until } from './testing/fixture-folders.ts'

let stage: FolderStage
afterEach(() => stage.stop())

const documents = {
  'Insurance.md':
    '---\ntitle: Hausrat 2026\ntags: [wohnung]\n---\n# Police\n\nDie Haftpflichtversicherung läuft am 3. Mai aus.\n\n## Kündigung\n\nSiehe [[Letter]].',
  'Letter.txt': 'An die Müller AG\n\nHiermit kündige ich den Vertrag fristgerecht.',
  'Taxes/2025.html':
    '<html><head><title>Declaration</title><script>alert("zebra")</script></head><body><h1>Income</h1><p>Salary of &euro;52,000.</p></body></html>',
  'Taxes/dates.ics':
    'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Dentist\r\nDESCRIPTION:Bring the X-\r\n ray\\nfrom March\r\nEND:VEVENT\r\nEND:VCALENDAR',
}

describe('documents in a folder', () => {
  it('are found by words in any form, by parts of words, and with what is in their titles first', async () => {
    stage = new FolderStage({ ...documents, 'Other.md': 'Beside the point: hausrat, hausrat, hausrat.' })
    await stage.add()
    expect(await stage.paths('versicherung')).toEqual(['Insurance.md'])
    expect(await stage.paths('Haftpflichtversicherungen')).toEqual(['Insurance.md'])
    expect(await stage.paths('muller')).toEqual(['Letter.txt'])
    expect((await stage.paths('Hausrat'))[0]).toBe('Insurance.md')
    expect(await stage.paths('salaries')).toEqual(['Taxes/2025.html'])
    expect(await stage.paths('When does the dentist want the X-ray?')).toEqual(['Taxes/dates.ics'])
    expect(await stage.paths('zebra')).toEqual([])
    expect(await stage.paths('" OR * NEAR( giraffe:')).toEqual([])
    const [hit] = await stage.search('fristgerecht')
    expect(hit).toMatchObject({ title: 'An die Müller AG', url: 'file:///Docs/Letter.txt' })
    expect(hit!.text).toContain('fristgerecht')
    expect(JSON.stringify(await stage.search('hausrat'))).not.toContain(stage.home)
  })

  it('are read whole, by section, by address, and with what belongs to them', async () => {
    stage = new FolderStage(documents)
    await stage.add()
    const [{ id } = { id: '' }] = await stage.search('Police')
    expect(await stage.call('fetch', { id })).toMatchObject({
      id,
      title: 'Hausrat 2026',
      metadata: { isWhole: true },
    })
    const part = await stage.call('read_document', { id, section: 2 })
    expect(part).toMatchObject({ section: 2, sections: 2, label: 'Kündigung', nextOffset: null })
    expect(part.contents).toEqual(['Police', 'Kündigung'])
    const { results } = (await stage.call('related_documents', { id })) as { results: { why: string }[] }
    expect(results[0]).toMatchObject({ why: 'linked', title: 'An die Müller AG' })
    expect(await stage.call('list_folder')).toMatchObject({ folders: ['Docs'] })
    const listed = await stage.call('list_folder', { path: 'Docs/Taxes' })
    expect(listed).toMatchObject({ documents: [{ title: 'Declaration' }, { title: 'dates' }] })
    await expect(stage.call('fetch', { id: '../../etc/passwd' })).rejects.toMatchObject({
      code: 'document-not-found',
    })
    await expect(stage.call('list_folder', { path: 'Docs/../..' })).rejects.toMatchObject({
      code: 'document-not-found',
    })
    await expect(stage.call('search', { query: '' })).rejects.toMatchObject({ code: 'arguments-invalid' })
  })

  it('are found within two seconds when they change, and not when they are gone', async () => {
    stage = new FolderStage(documents)
    await stage.add()
    stage.write('New/deep/er.md', 'A giraffe')
    await until(async () => (await stage.paths('giraffe'))[0], 2_000)
    stage.write('New/deep/er.md', 'An elephant')
    await until(async () => (await stage.paths('elephant'))[0], 2_000)
    expect(await stage.paths('giraffe')).toEqual([])
    renameSync(join(stage.docs, 'New'), join(stage.docs, 'Old'))
    await until(async () => (await stage.paths('elephant')).includes('Old/deep/er.md') || undefined, 2_000)
    rmSync(join(stage.docs, 'Old'), { recursive: true })
    await until(async () => ((await stage.paths('elephant')).length === 0 ? true : undefined), 2_000)
  })

  it('keep their ids and go on being read after a restart, also from an index that is damaged', async () => {
    stage = new FolderStage(documents)
    const { id: folder } = await stage.add()
    const [before] = await stage.search('dentist')
    await stage.folders.change(folder, { paused: true })
    stage.write('later.md', 'Kangaroo')
    await stage.restart()
    expect(await stage.folders.list()).toMatchObject([{ state: 'paused', documents: 4 }])
    expect(await stage.paths('kangaroo')).toEqual([])
    expect((await stage.search('dentist'))[0]!.id).toBe(before!.id)
    await stage.folders.change(folder, { paused: false })
    await stage.ready()
    expect(await stage.paths('kangaroo')).toEqual(['later.md'])
    await stage.folders.stop()
    writeFileSync(join(stage.dataDir, 'folders.db'), 'no database '.repeat(1_000))
    await stage.restart()
    await stage.ready()
    expect((await stage.search('dentist'))[0]!.id).toBe(before!.id)
  })

  it('stay known while the disk is away, and are forgotten with their folder', async () => {
    stage = new FolderStage(documents)
    const { id } = await stage.add()
    await stage.restart()
    renameSync(stage.docs, `${stage.docs} away`)
    await until(async () => (await stage.folders.list()).find(({ state }) => state === 'missing'))
    expect(await stage.paths('dentist')).toEqual(['Taxes/dates.ics'])
    await stage.folders.remove(id)
    expect(await stage.folders.list()).toEqual([])
    await expect(stage.search('dentist')).rejects.toMatchObject({ code: 'folders-unavailable' })
    expect(existsSync(join(`${stage.docs} away`, 'Letter.txt'))).toBe(true)
    mkdirSync(stage.docs)
    await stage.add()
    expect(await stage.paths('dentist')).toEqual([])
  })
})

describe('what stays out', () => {
  it('is named with its reason: hidden files, secrets, links, and what the user leaves out', async () => {
    stage = new FolderStage({
      ...documents,
      '.env': 'KEY=giraffe',
      '.git/notes.md': 'giraffe',
      id_rsa: 'giraffe',
      'Passwords.txt': 'giraffe',
      'bitwarden_export_2026.csv': 'giraffe',
      'vault.kdbx': 'giraffe',
      'server.txt': '-----BEGIN OPENSSH PRIVATE KEY-----\ngiraffe\n-----END OPENSSH PRIVATE KEY-----',
      'photo.jpg': 'giraffe',
      'Private/diary.md': 'giraffe',
      'draft-1.md': 'giraffe',
      'node_modules/x/readme.md': 'giraffe',
    })
    const outside = join(stage.home, 'outside')
    mkdirSync(outside)
    stage.write('../outside/secret.md', 'giraffe')
    symlinkSync(outside, join(stage.docs, 'way-out'))
    symlinkSync(join(outside, 'secret.md'), join(stage.docs, 'secret-link.md'))
    symlinkSync(stage.docs, join(stage.docs, 'itself'))
    const { id } = await stage.add(['Private', 'draft-*.md'])
    expect(await stage.paths('giraffe')).toEqual([])
    expect(await stage.leftOut(id)).toEqual({
      ...{
        '.env': 'secret',
        '.git': 'hidden',
        id_rsa: 'secret',
        'Passwords.txt': 'secret',
        'vault.kdbx': 'secret',
      },
      ...{ 'bitwarden_export_2026.csv': 'secret', 'server.txt': 'secret', 'photo.jpg': 'not-a-document' },
      ...{ Private: 'excluded', 'draft-1.md': 'excluded', node_modules: 'excluded' },
      ...{ 'way-out': 'link', 'secret-link.md': 'link', itself: 'link' },
    })
    await stage.folders.change(id, { excludes: [] })
    await until(async () => ((await stage.paths('giraffe')).length === 2 ? true : undefined))
  })

  it('are folders of the system, of Drawbridge, hidden ones, and those inside another', async () => {
    stage = new FolderStage(documents)
    const add = (path: string) =>
      stage.folders.add(path, []).then(
        () => 'added',
        ({ code }) => code,
      )
    mkdirSync(join(stage.home, '.ssh'))
    symlinkSync('/etc', join(stage.home, 'innocent'))
    for (const path of [
      '/',
      '/etc',
      '/proc/self',
      stage.dataDir,
      join(stage.home, '.ssh'),
      join(stage.home, 'innocent'),
    ])
      expect(await add(path), path).toBe('folder-not-allowed')
    expect(await add(join(stage.home, 'nowhere'))).toBe('folder-not-found')
    expect(await add(join(stage.docs, 'Letter.txt'))).toBe('folder-not-found')
    await stage.add()
    expect(await add(join(stage.docs, 'Taxes'))).toBe('folder-overlaps')
    expect(await add(stage.home)).toBe('folder-overlaps')
  })

  it('is everything else: without a folder nothing runs and nothing is written', async () => {
    stage = new FolderStage()
    expect(await stage.folders.list()).toEqual([])
    await expect(stage.search('x')).rejects.toMatchObject({ code: 'folders-unavailable' })
    expect(existsSync(join(stage.dataDir, 'folders.db'))).toBe(false)
  })
})
