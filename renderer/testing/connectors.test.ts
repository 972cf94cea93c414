import { describe, expect, it } from 'vitest'
import { soon, useStage } from './stage.ts'

describe('a connector on the Tools page', () => {
  const stage = useStage()
  const { show, button, commands } = stage

  it('is told what is mine, and shows it', async () => {
    await show('connectors', '/tools')
    await button('Set up GitHub').click()
    await stage.page.getByLabel('My repositories').fill('nodejs/node\nnodejs/undici')
    await button('Save').click()
    await stage.page.getByText('My repositories: nodejs/node, nodejs/undici').waitFor()
    expect(commands('connectors.save')).toEqual([
      { slug: 'github', values: { repositories: 'nodejs/node\nnodejs/undici' } },
    ])
    await button('Add an account for GitHub').waitFor()
  })

  it('that wants a key says that values are made up, never shows the key again, and keeps it when nothing is typed', async () => {
    await show('connectors', '/tools')
    await stage.page.getByText('assistants get made-up example values that say DEMO').waitFor()
    const toSetUp = stage.page.getByRole('region', { name: 'Services you can set up' })
    await toSetUp.getByRole('region', { name: 'Quay' }).waitFor()
    expect(await toSetUp.getByRole('region', { name: 'npm' }).count()).toBe(0)
    // Folded, and unfolded again: what a source is stays.
    const fold = button('Tools of npm')
    await button('Rename Package downloads').waitFor()
    await fold.click()
    await button('Rename Package downloads').waitFor({ state: 'detached' })
    await fold.click()
    await button('Rename Package downloads').waitFor()
    await button('Set up Quay').click()
    const key = stage.page.getByLabel('API key')
    expect(await key.getAttribute('type')).toBe('password')
    await stage.page.getByText('It has to be allowed: stats:read.').waitFor()
    await stage.page.getByLabel('Site').fill('wrong')
    await key.fill('key-one')
    await button('Save').click()
    await stage.page.getByText('Site: there is none like it.').waitFor()
    await stage.page.getByLabel('Site').fill('quay.example')
    await button('Save').click()
    await stage.page.getByText('API key: kept with your secrets').waitFor()
    await button('Change My account of Quay').click()
    expect(await stage.page.getByLabel('API key').inputValue()).toBe('')
    await stage.page.getByLabel('Name of this account').fill('Home')
    await button('Save').click()
    await soon(() =>
      // Nothing of what was not touched: another window may have changed it.
      expect(commands('connectors.save').at(-1)).toEqual({
        slug: 'quay',
        id: expect.any(String),
        name: 'Home',
        values: {},
      }),
    )
  })

  it('forgets an account', async () => {
    await show('connectors', '/tools')
    await button('Change My account of npm').click()
    await button('Forget this account…').click()
    await button('Forget it').click()
    await button('Set up npm').waitFor()
    expect(commands('connectors.remove')).toEqual([{ id: 'acc_1' }])
  })
})
