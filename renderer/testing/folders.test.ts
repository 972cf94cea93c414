import { describe, expect, it } from 'vitest'
import { soon, useStage } from './stage.ts'

describe('folders on the Tools page', () => {
  const stage = useStage()
  const { show, button, commands } = stage

  it('are chosen step by step, or typed, and what is wrong is said', async () => {
    await show('empty', '/tools')
    await button('Add a folder').click()
    await button('Documents').click()
    await stage.page.getByText('There are no folders in here.').waitFor()
    expect(await stage.page.getByLabel('Folder', { exact: true }).inputValue()).toBe('/home/ada/Documents')
    await stage.page.getByLabel('Folder', { exact: true }).fill('/nowhere')
    await button('Add this folder').click()
    await stage.page.getByText('There is no such folder.').waitFor()
    await button('Up one folder').click()
    await button('Downloads').click()
    await stage.page.getByLabel('Leave out (if you like)').fill('Private\n\n *.csv ')
    await button('Add this folder').click()
    await stage.page.getByRole('heading', { name: 'Downloads' }).waitFor()
    expect(commands('folders.add').at(-1)).toEqual({
      path: '/home/ada/Downloads',
      excludes: ['Private', '*.csv'],
      ...{ writable: false, paused: false },
    })
  })

  it('on the desktop are taken from the system’s dialog; where that fails, from the list', async () => {
    await show('empty', '/tools')
    const world = stage.host.world()
    world.status.shell = 'electron'
    world.failing['folders.choose'] = {
      code: 'no-dialog',
      message: 'No dialog came up.',
      hint: 'Use the list.',
    }
    await stage.page.reload()
    await button('Add a folder').click()
    const list = stage.page.getByRole('list', { name: 'Folders in here' })
    await list.waitFor()
    await stage.page.getByText('No dialog came up.').first().waitFor()
    await button('Cancel').click()
    world.failing = {}
    await button('Add a folder').click()
    await button('Add this folder').click()
    await stage.page.getByRole('heading', { name: 'Documents' }).waitFor()
    expect(await list.count()).toBe(0)
    expect(commands('folders.add')).toEqual([
      { path: '/home/ada/Documents', excludes: [], writable: false, paused: false },
    ])
  })

  it('say how far they are read and what is left out, and are paused and removed', async () => {
    await show('busy', '/tools')
    await stage.page.getByText('1,204 documents read, 86 wait').waitFor()
    await button('313 left out of Documents').click()
    await stage.page.getByText('keys, passwords and other secrets (1)').click()
    await stage.page.getByText('Bank/passwords.txt').waitFor()
    await button('Close').click()
    await stage.page.getByRole('checkbox', { name: 'Let assistants write in it' }).first().click()
    await soon(() => expect(commands('folders.change')).toEqual([{ id: 'folder_1', writable: true }]))
    await button('Pause reading Documents').click()
    await button('Go on reading Documents').waitFor()
    await button('Remove Documents').click()
    await stage.page.getByRole('button', { name: 'Remove', exact: true }).last().click()
    await soon(() => expect(commands('folders.remove')).toEqual([{ id: 'folder_1' }]))
  })
})

describe('the first folder on Home', () => {
  const stage = useStage()
  const { show, button, commands } = stage

  it('keeps its dialog, and what was typed, while it cannot be added', async () => {
    await show('empty', '/')
    await button('Add a folder').click()
    const folder = stage.page.getByLabel('Folder', { exact: true })
    await folder.fill('/nowhere')
    await stage.page.getByLabel('Leave out (if you like)').fill('Private')
    await button('Add this folder').click()
    await stage.page.getByText('There is no such folder.').waitFor()
    // What else comes to Home meanwhile does not take it away either.
    stage.host.world().failing['folders.list'] = { code: 'internal', message: 'Not now.', hint: 'Later.' }
    await button('Add this folder').click()
    await soon(() => expect(commands('folders.add')).toHaveLength(2))
    await stage.page.getByText('There is no such folder.').waitFor()
    expect(await folder.inputValue()).toBe('/nowhere')
    expect(await stage.page.getByLabel('Leave out (if you like)').inputValue()).toBe('Private')
    stage.host.world().failing = {}
    await folder.fill('/home/ada/Downloads')
    await button('Add this folder').click()
    await folder.waitFor({ state: 'detached' })
    expect(commands('folders.add').at(-1)).toMatchObject({ path: '/home/ada/Downloads' })
  })
})
