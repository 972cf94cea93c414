/** Answers that hold for longer: every choice at a question, by mouse and by keyboard alone, and the table of them. */
import { describe, expect, it } from 'vitest'
import type { ApprovalChoice } from '../../src/contract/approvals.ts'
import { approval } from './samples.ts'
import { soon, useStage } from './stage.ts'

type Case = [choice: ApprovalChoice | 'deny', option: string, button: string]
const cases: Case[] = [
  ['deny', 'Ask me every time', 'Don’t allow'],
  ['once', 'Ask me every time', 'Allow once'],
  ['15m', 'Allow it for 15 minutes', 'Allow for 15 minutes'],
  ['chat', 'Allow it in this chat', 'Allow in this chat'],
  ['exact', 'Always allow exactly this', 'Always allow exactly this'],
  ['tool', 'Always allow this tool', 'Always allow'],
  ['never', 'Never allow this tool', 'Never allow'],
]
const sent = (choice: Case[0]) =>
  choice === 'deny' || choice === 'never'
    ? { id: 'a1', decision: choice }
    : { id: 'a1', decision: choice, seen: 'seen-a1' }

describe('the question, answered for longer', () => {
  const stage = useStage()
  const { button, commands } = stage
  const dialog = () => stage.page.getByRole('alertdialog')
  const list = () => stage.page.getByRole('combobox', { name: 'From now on' })
  const asks = async (more: Parameters<typeof approval>[1] = {}, given?: unknown) => {
    const one = approval(Date.now(), { risk: 'write', ...more }, given)
    stage.host.world().approvals = [one]
    stage.host.tell('approvals.changed', [one])
    await dialog().waitFor()
  }
  /** Goes on until that has the focus. */
  async function tabTo(name: string, role: 'combobox' | null = null): Promise<void> {
    for (let at = 0; at < 12; at++) {
      const now = await stage.page.evaluate(() => {
        const one = document.activeElement
        return { role: one?.getAttribute('role') ?? null, text: one?.textContent }
      })
      if (now.role === role && now.text === name) return
      await stage.page.keyboard.press('Tab')
    }
    throw new Error(`${name} cannot be reached`)
  }

  it.each(cases)('%s, with the mouse', async (choice, option, name) => {
    await stage.show('busy')
    await asks()
    if (choice !== 'deny' && choice !== 'once') {
      await list().click()
      await stage.page.getByRole('option', { name: option }).click()
    }
    await soon(async () => expect(await button(name).isEnabled()).toBe(true))
    if (choice === 'never') expect(await button('Allow once').isDisabled()).toBe(true)
    await button(name).click()
    await soon(() => expect(commands('approvals.decide')).toEqual([sent(choice)]))
    await dialog().waitFor({ state: 'detached' })
  })

  it.each(cases)('%s, with the keyboard alone', async (choice, option, name) => {
    const { keyboard } = stage.page
    await stage.show('busy')
    await asks()
    await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
    if (choice !== 'deny' && choice !== 'once') {
      await tabTo('Ask me every time', 'combobox')
      await keyboard.press('Enter')
      await stage.page.getByRole('option', { name: option }).waitFor()
      const chosen = () => stage.page.locator('[role=option][data-highlighted]').textContent()
      for (let at = 0; at < 8 && !(await chosen())?.startsWith(option); at++)
        await keyboard.press('ArrowDown')
      expect(await chosen()).toContain(option)
      await keyboard.press('Enter')
      await soon(async () => expect(await list().textContent()).toContain(option))
    }
    await soon(async () => expect(await button(name).isEnabled()).toBe(true))
    await tabTo(name)
    await keyboard.press('Enter')
    await soon(() => expect(commands('approvals.decide')).toEqual([sent(choice)]))
  })

  it('offers what the host takes, and nothing else', async () => {
    await stage.show('busy')
    await asks({ risk: 'destructive', choices: ['once', '15m', 'exact', 'never'] })
    await list().click()
    await soon(async () =>
      expect(await stage.page.getByRole('option').evaluateAll((all) => all.length)).toBe(4),
    )
    const offered = (await stage.page.getByRole('option').allTextContents()).join()
    expect(offered).not.toContain('in this chat')
    expect(offered).not.toContain('Always allow this tool')
  })

  it('says no and nothing more to Esc, whatever was chosen', async () => {
    await stage.show('busy')
    await asks()
    await list().click()
    await stage.page.getByRole('option', { name: 'Never allow this tool' }).click()
    await button('Never allow').focus()
    await stage.page.keyboard.press('Escape')
    await soon(() => expect(commands('approvals.decide')).toEqual([sent('deny')]))
  })

  it('says what happens and why it asks; a text has its line breaks', async () => {
    await stage.show('busy')
    await asks({ why: 'taint' }, { place: '/a', text: 'one\ntwo' })
    await dialog().getByText('It would run “Write a file” of “Files”, with the 2 values below.').waitFor()
    await dialog().getByText('It read something before that others may have written.').waitFor()
    const box = stage.page.getByRole('region', { name: 'Exact arguments' })
    expect(JSON.parse((await box.textContent())!)).toEqual({ place: '/a', text: 'one\ntwo' })
    const tops = await box.evaluate((element) => {
      const pieces = [...element.querySelectorAll('span')].filter((one) => /^"one|^two/.test(one.textContent))
      return pieces.filter((one) => one.children.length === 0).map((one) => one.getBoundingClientRect().top)
    })
    expect(tops).toHaveLength(2)
    expect(tops[1]).toBeGreaterThan(tops[0]!)
  })

  it('lets what goes to a tool of ours be changed first', async () => {
    await stage.show('editable')
    await button('Change…').click()
    const text = stage.page.getByLabel('What runs instead')
    const changed = (await text.inputValue()).replace('Cake is burnt', 'Cake is fine')
    await text.fill(changed)
    await soon(async () => expect(await button('Allow my version once').isEnabled()).toBe(true))
    await button('Allow my version once').click()
    await soon(() =>
      expect(commands('approvals.decide')).toEqual([
        { id: 'a1', decision: 'once', seen: 'seen-a1', edited: changed },
      ]),
    )
    expect(JSON.parse(changed).title).toBe('Cake is fine')
  })

  it('says beside it what of a change does not fit, keeps it, and can be allowed once it does', async () => {
    await stage.show('editable')
    await button('Change…').click()
    const text = stage.page.getByLabel('What runs instead')
    await text.fill('{"title": 5}')
    stage.host.world().failing['approvals.decide'] = {
      code: 'edit-unfit',
      message: 'Your version does not fit the tool. “title” must be a text in double quotes.',
      hint: 'Mend it.',
    }
    await soon(async () => expect(await button('Allow my version once').isEnabled()).toBe(true))
    await button('Allow my version once').click()
    const said = dialog().getByText('“title” must be a text in double quotes.')
    await said.waitFor()
    expect(await said.count()).toBe(1)
    expect(await text.inputValue()).toBe('{"title": 5}')
    expect(await text.getAttribute('aria-invalid')).toBe('true')
    expect(await text.evaluate((one) => one === document.activeElement)).toBe(true)
    stage.host.world().failing = {}
    await text.fill('{"title": "5"}')
    await button('Allow my version once').click()
    await dialog().waitFor({ state: 'detached' })
    expect(commands('approvals.decide').at(-1)).toMatchObject({ edited: '{"title": "5"}' })
  })

  it('lets it be changed and allowed with the keyboard alone', async () => {
    const { keyboard } = stage.page
    await stage.show('editable')
    await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
    await tabTo('Change…')
    await keyboard.press('Enter')
    const text = stage.page.getByLabel('What runs instead')
    await text.waitFor()
    for (let at = 0; at < 12 && !(await text.evaluate((one) => one === document.activeElement)); at++)
      await keyboard.press('Tab')
    await keyboard.press('ControlOrMeta+a')
    await keyboard.type('{"title": "typed"}')
    // Tab leaves it: nobody is caught in there.
    await soon(async () => expect(await button('Allow my version once').isEnabled()).toBe(true))
    await tabTo('Allow my version once')
    await keyboard.press('Enter')
    await soon(() =>
      expect(commands('approvals.decide')).toEqual([
        { id: 'a1', decision: 'once', seen: 'seen-a1', edited: '{"title": "typed"}' },
      ]),
    )
  })

  it('twenty are answered with the keyboard alone', async () => {
    await stage.show('twenty')
    for (let left = 19; left >= 0; left--) {
      await dialog()
        .getByRole('heading')
        .getByText(`Write note ${20 - left}”`)
        .waitFor()
      await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
      await stage.page.keyboard.press('Enter')
      await soon(() => expect(commands('approvals.decide')).toHaveLength(20 - left))
    }
    await dialog().waitFor({ state: 'detached' })
  })

  it('leads the keyboard into what is changed, and throws nothing away without asking', async () => {
    const { keyboard } = stage.page
    await stage.show('editable')
    await button('Change…').click()
    const text = stage.page.getByLabel('What runs instead')
    await soon(async () => expect(await text.evaluate((one) => one === document.activeElement)).toBe(true))
    // Nothing was changed: nothing to ask about.
    await keyboard.press('Escape')
    await text.waitFor({ state: 'detached' })
    await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
    await button('Change…').click()
    await text.fill('{"title": "typed"}')
    await keyboard.press('Escape')
    await stage.page.getByText('Throw away what you filled in?').waitFor()
    await button('Go on filling in').click()
    expect(await text.inputValue()).toBe('{"title": "typed"}')
    await keyboard.press('Escape')
    await button('Throw it away').click()
    await text.waitFor({ state: 'detached' })
    expect(commands('approvals.decide')).toEqual([])
    await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
    await keyboard.press('Escape')
    await soon(() => expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'deny' }]))
  })

  it('puts what was changed neither aside nor away by a reload without asking', async () => {
    const { page } = stage
    await stage.show('editable')
    await button('Change…').click()
    const text = page.getByLabel('What runs instead')
    await text.fill('{"title": "typed"}')
    await button('Decide later').click()
    await button('Go on filling in').click()
    expect(await text.inputValue()).toBe('{"title": "typed"}')
    const asked = page.waitForEvent('dialog')
    const reload = page.reload()
    await (await asked).accept()
    await reload
    await button('Change…').click()
    // Nothing was changed: nothing to ask about.
    await button('Decide later').click()
    await dialog().waitFor({ state: 'detached' })
    await button('Answer').click()
    await button('Change…').click()
    await text.fill('{"title": "typed"}')
    await button('Decide later').click()
    await button('Throw it away').click()
    await dialog().waitFor({ state: 'detached' })
    expect(commands('approvals.decide')).toEqual([])
  })

  it('keeps what was changed where tray or notification leads to another question', async () => {
    const { page, host } = stage
    await stage.show('editable')
    const [first] = host.world().approvals
    host.world().approvals = [
      first!,
      { ...first!, id: 'a2', sentence: 'Adds an issue “Bread” to “me/recipes”.' },
    ]
    host.tell('approvals.changed', host.world().approvals)
    await page.getByText('1 more waiting').waitFor()
    await button('Change…').click()
    const text = page.getByLabel('What runs instead')
    await text.fill('{"title": "typed"}')
    await page.goto(`${host.url}#/waiting/a1`)
    await page.goto(`${host.url}#/waiting/a2`)
    await button('Go on filling in').click()
    expect(await text.inputValue()).toBe('{"title": "typed"}')
    await page.goto(`${host.url}#/waiting/a2`)
    await button('Throw it away').click()
    await page.getByText('“Bread”').waitFor()
    // Nothing was changed here: nothing to ask about.
    await page.goto(`${host.url}#/waiting/a1`)
    await page.getByText('“Cake is burnt”').waitFor()
    expect(commands('approvals.decide')).toEqual([])
  })

  it('takes changes back, and offers none for what is not ours', async () => {
    await stage.show('editable')
    await button('Change…').click()
    await stage.page.getByLabel('What runs instead').fill('{}')
    await button('Undo my changes').click()
    await soon(async () => expect(await button('Allow once').isEnabled()).toBe(true))
    await button('Allow once').click()
    await soon(() => expect(commands('approvals.decide')).toEqual([sent('once')]))
    await asks({ id: 'b1' })
    await soon(async () => expect(await button('Allow once').isEnabled()).toBe(true))
    await soon(async () => expect(await button('Change…').count()).toBe(0))
  })

  it('twenty wait in one calm list, one question at a time', async () => {
    await stage.show('twenty')
    await dialog().getByText('19 more waiting after this').waitFor()
    for (let left = 19; left >= 0; left--) {
      await dialog()
        .getByRole('heading')
        .getByText(`Write note ${20 - left}`)
        .waitFor()
      if (left > 0) await dialog().getByText(`${left} more waiting after this`).waitFor()
      await button('Don’t allow').click()
      await soon(() => expect(commands('approvals.decide')).toHaveLength(20 - left))
    }
    await dialog().waitFor({ state: 'detached' })
    expect(new Set(commands('approvals.decide').map((one) => (one as { id: string }).id)).size).toBe(20)
  })

  it('twenty can be put aside, and are listed on Home', async () => {
    await stage.show('twenty')
    for (let left = 20; left > 0; left--) {
      await dialog()
        .getByRole('heading')
        .getByText(`Write note ${21 - left}”`)
        .waitFor()
      await button('Decide later').click()
    }
    await dialog().waitFor({ state: 'detached' })
    await button(/Show 14 more/).click()
    expect(await button('Answer').count()).toBe(20)
    await button('Answer').nth(19).click()
    await dialog().getByRole('heading').getByText('Write note 20').waitFor()
    expect(commands('approvals.decide')).toEqual([])
  })
})

describe('the rules', () => {
  const stage = useStage()
  const { button, commands } = stage
  const row = (text: string) => stage.page.getByRole('row').filter({ hasText: text })

  it('say what, for whom, until when, how often, what for last, and how they stand', async () => {
    await stage.show('rules', '/access')
    await row('May use Write a file').first().waitFor()
    expect(await row('12 times').first().textContent()).toMatch(
      /ChatGPT.*40 min ago.*You revoke it.*Last 5 min ago: files__write_file.*Holds/s,
    )
    expect(await row('Send mail').textContent()).toMatch(
      /Exactly: mail__send .*Sleeps since .*, because the tool changed/,
    )
    expect(await row('Delete a file').textContent()).toContain('May never use')
    expect(await row('Edit a file').textContent()).toMatch(
      /In one chat.*The chat ends, 22 hours left at most/s,
    )
    expect(await row('Over since').count()).toBe(1)
  })

  it('are revoked and changed with the keyboard alone', async () => {
    const { keyboard } = stage.page
    await stage.show('rules', '/access')
    const wanted = async (label: string) => {
      await button(label).first().waitFor()
      for (let at = 0; at < 60; at++) {
        const now = await stage.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
        if (now === label) return
        await keyboard.press('Tab')
      }
      throw new Error(`${label} cannot be reached`)
    }
    await wanted('Change the rule about Write a file')
    await keyboard.press('Enter')
    const dialog = stage.page.getByRole('dialog')
    await dialog.getByText('Until when does it hold?').waitFor()
    await dialog.getByRole('radio', { name: 'As it is now' }).focus()
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowDown')
    await dialog.getByRole('checkbox').focus()
    await keyboard.press('Space')
    await dialog.getByText('Then nobody asks you any more.').waitFor()
    await keyboard.press('Enter')
    await soon(() =>
      expect(commands('rules.change')).toEqual([
        { id: 'r1', until: expect.closeTo(Date.now() + 24 * 3_600_000, -6), waivesTaint: true },
      ]),
    )
    await dialog.waitFor({ state: 'detached' })
    await wanted('Revoke the rule about Send mail')
    await keyboard.press('Enter')
    await soon(() => expect(commands('rules.revoke')).toEqual([{ id: 'r4' }]))
    await row('Send mail').waitFor({ state: 'detached' })
    // Its button went with it: the keyboard goes on among the other rules.
    await soon(async () =>
      expect(await stage.page.evaluate(() => document.activeElement?.closest('table') !== null)).toBe(true),
    )
    await keyboard.press('Tab')
    expect(await stage.page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(
      /^(Change|Revoke) the rule/,
    )
  })

  it('have words where there are none', async () => {
    await stage.show('busy', '/access')
    await stage.page.getByText('No rules yet').waitFor()
  })
})
