/** The log as a record, in a real browser: filters, export, check, diary and usage, by mouse and keyboard. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { call } from './samples.ts'
import { soon, useStage } from './stage.ts'

// biome-ignore lint/correctness/useHookAtTopLevel: not React's
const stage = useStage()
const { show, button, commands } = stage
const rows = () => stage.page.getByRole('option')
const choose = async (filter: string, value: string | RegExp) => {
  await stage.page.getByRole('combobox', { name: filter, exact: true }).click()
  await stage.page.getByRole('option', { name: value, exact: true }).click()
}
const listed = () => stage.page.getByRole('listbox', { name: 'Calls, newest first' }).getByRole('option')

describe('filters', () => {
  it('narrow the list down, stand in the address, and are cleared at once', async () => {
    await show('busy', '/activity')
    await soon(async () => expect(await rows().count()).toBe(14))
    await choose('Tool', /files__edit_file$/)
    await soon(async () => expect(await listed().count()).toBe(3))
    await choose('Outcome', 'Did not work')
    await soon(async () => expect(await listed().count()).toBe(2))
    expect(commands('activity.list').at(-1)).toMatchObject({
      filter: { tool: 'files__edit_file', outcome: 'failed' },
    })
    expect(stage.page.url()).toContain('#/activity?tool=files__edit_file&result=failed')

    await stage.page.reload()
    await soon(async () => expect(await listed().count()).toBe(2))
    await button('Clear').click()
    await soon(async () => expect(await listed().count()).toBe(14))
    expect(stage.page.url()).toMatch(/#\/activity$/)
  })

  it('offer tools by where they come from, with what they call themselves and what was called', async () => {
    await show('busy', '/activity')
    await stage.page.getByRole('combobox', { name: 'Tool', exact: true }).click()
    const files = stage.page.getByRole('group', { name: 'Files', exact: true })
    await files.getByRole('option', { name: /^Write a file\s*files__write_file$/ }).waitFor()
    expect(await files.getByRole('option', { name: /GitHub|stars/ }).count()).toBe(0)
    await stage.page.keyboard.press('Escape')
    const row = listed().filter({ hasText: 'Write a file' }).first()
    expect(await row.innerText()).toContain('files__write_file')
    await row.click()
    const detail = stage.page.getByRole('complementary', { name: 'The call in full' })
    await detail.getByRole('heading', { name: 'Write a file', exact: true }).waitFor()
    await detail.getByText('files__write_file', { exact: true }).waitFor()
  })

  it('open a call that Back closes, on a narrow screen too, and leave nothing to go back to once it is closed', async () => {
    await show('busy', '/')
    await stage.page.setViewportSize({ width: 400, height: 700 })
    await stage.page.goto(`${stage.host.url}#/activity`)
    const detail = stage.page.getByRole('complementary', { name: 'The call in full' })
    await listed().nth(2).click()
    await detail.waitFor()
    await stage.page.goBack()
    await detail.waitFor({ state: 'detached' })
    await soon(async () => expect(await listed().count()).toBeGreaterThan(2))
    await stage.page.goForward()
    await detail.waitFor()
    await stage.page.reload()
    await detail.waitFor()
    await stage.page.goBack()
    await listed().nth(1).click()
    await detail.getByRole('button', { name: 'Close' }).click()
    await detail.waitFor({ state: 'detached' })
    await stage.page.goBack()
    await soon(() => expect(stage.page.url()).toMatch(/#\/$/))
  })

  it('say what found nothing, and what was typed is among it', async () => {
    await show('busy', '/activity?risk=destructive&time=today&assistant=g1')
    await stage.page.getByLabel('Search the log').fill('zebra')
    const said = stage.page.getByText('No call fits: “MCP — ChatGPT”, Can delete, Today, “zebra”.')
    await said.waitFor()
    await soon(() => expect(stage.page.url()).toContain('search=zebra'))
    await stage.page.reload()
    await said.waitFor()
    await stage.page.getByRole('main').getByRole('button', { name: 'Clear' }).last().click()
    await soon(async () => expect(await listed().count()).toBe(14))
  })

  it('are what stands behind the hash, whatever the page was opened with, also after a reload', async () => {
    stage.host.show('busy')
    await stage.page.goto(`${stage.host.url}?locale=en#/activity?tool=files__write_file&search=a%23b`)
    await stage.page.getByText('No call fits').waitFor()
    expect(commands('activity.list').at(-1)).toMatchObject({ filter: { tool: 'files__write_file' } })
    await stage.page.getByRole('link', { name: 'Diary' }).click()
    await soon(() => expect(stage.page.url()).toMatch(/\?locale=en#\/activity\/diary$/))
    await stage.page.goBack()
    await stage.page.reload()
    await stage.page.getByText('No call fits').waitFor()
    expect(await stage.page.getByLabel('Search the log').inputValue()).toBe('a#b')
    expect(await stage.page.evaluate(() => location.search + location.hash)).toBe(
      '?locale=en#/activity?tool=files__write_file&search=a%23b',
    )
  })

  it('take days from and to', async () => {
    await show('busy', '/activity')
    await choose('Time', 'From … to …')
    await stage.page.getByLabel('From', { exact: true }).fill('2020-02-29')
    await stage.page.getByLabel('to', { exact: true }).fill('2020-03-01')
    await stage.page.getByText('No call fits: from 2020-02-29 to 2020-03-01.').waitFor()
    expect(commands('activity.list').at(-1)).toMatchObject({
      filter: {
        since: new Date(2020, 1, 29).getTime(),
        until: new Date(2020, 2, 2).getTime(),
      },
    })
  })

  it.each([1100, 400])('are opened and closed with the keyboard alone, %i pixels wide', async (width) => {
    const { page } = stage
    await show('busy', '/activity')
    await page.setViewportSize({ width, height: 700 })
    const list = page.getByRole('listbox')
    const detail = page.getByRole('complementary', { name: 'The call in full' })
    const inList = () => list.evaluate((element) => element === document.activeElement)
    await list.focus()
    await page.keyboard.press('ArrowDown')
    await detail.waitFor()
    expect(await page.evaluate(() => document.activeElement?.localName)).not.toBe('body')
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'detached' })
    await soon(async () => expect(await inList()).toBe(true))
    await page.keyboard.press('ArrowDown')
    await detail.getByRole('button', { name: 'Close' }).focus()
    await page.keyboard.press('Enter')
    await detail.waitFor({ state: 'detached' })
    await soon(async () => expect(await inList()).toBe(true))
  })

  it('say what is searched for as the address does, also after Back and a link to the whole log', async () => {
    const { page } = stage
    await show('busy', '/activity')
    const field = page.getByRole('searchbox')
    await field.fill('file')
    await soon(() => expect(page.url()).toContain('search=file'))
    await listed().first().click()
    await page.getByRole('complementary', { name: 'The call in full' }).waitFor()
    await field.fill('nothing has this')
    await soon(() => expect(page.url()).toContain('search=nothing'))
    await page.goBack()
    await soon(async () => expect(await field.inputValue()).toBe('file'))
    await listed().first().waitFor()
    await page.getByRole('link', { name: 'Activity' }).click()
    await soon(async () => expect(await field.inputValue()).toBe(''))
    await field.pressSequentially('one by one', { delay: 120 })
    await soon(() => expect(page.url()).toContain('search=one+by+one'))
    expect(await field.inputValue()).toBe('one by one')
  })

  it('take days the other way round for the same days', async () => {
    await show('busy', '/activity?time=range&from=2020-03-01&to=2020-02-29')
    await soon(() =>
      expect(commands('activity.list').at(-1)).toMatchObject({
        filter: { since: new Date(2020, 1, 29).getTime(), until: new Date(2020, 2, 2).getTime() },
      }),
    )
  })

  it('let only those new rows in that pass, and drop one that passes no more', async () => {
    await show('busy', '/activity?tool=brand_new&result=running')
    await stage.page.getByText('No call fits').waitFor()
    const fresh = { ...call(Date.now(), 7), tool: 'brand_new', at: Date.now() }
    stage.host.tell('activity.added', { ...fresh, id: 'other', tool: 'another' })
    stage.host.tell('activity.added', { ...fresh, id: 'fresh' })
    await soon(async () =>
      expect(await listed().allTextContents()).toEqual([expect.stringContaining('brand_new')]),
    )
    stage.host.tell('activity.added', { ...fresh, id: 'fresh', outcome: 'answered', duration: 5 })
    await stage.page.getByText('No call fits').waitFor()
  })

  it('work by the keyboard alone', async () => {
    await show('busy', '/activity')
    await stage.page.getByRole('combobox', { name: 'Kind', exact: true }).focus()
    await stage.page.keyboard.press('Enter')
    await stage.page.getByRole('option', { name: 'Can delete' }).waitFor()
    await stage.page.keyboard.type('Can')
    await stage.page.keyboard.press('Enter')
    await soon(() => expect(stage.page.url()).toContain('risk=destructive'))
    await soon(async () => expect(await listed().count()).toBe(3))
    await button('Clear').focus()
    await stage.page.keyboard.press('Enter')
    await soon(async () => expect(await listed().count()).toBe(14))
  })

  it('fit on a narrow screen, behind a button', async () => {
    await stage.page.setViewportSize({ width: 360, height: 760 })
    await show('busy', '/activity')
    expect(await stage.page.getByRole('combobox', { name: 'Tool', exact: true }).isVisible()).toBe(false)
    await button('Filter').click()
    await choose('Kind', 'Reads')
    await soon(async () => expect(await listed().count()).toBe(8))
    expect(await stage.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  })
})

describe('the export', () => {
  it('gets the log part by part, and hands over a file of what is shown', async () => {
    await show('busy', '/activity?risk=read')
    await soon(async () => expect(await listed().count()).toBe(8))
    await button('Export…').click()
    await stage.page.getByRole('radio', { name: 'JSON Lines' }).click()
    const [file] = await Promise.all([stage.page.waitForEvent('download'), button('Export').click()])
    expect(file.suggestedFilename()).toMatch(/^drawbridge-activity-\d{4}-\d\d-\d\d\.jsonl$/)
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n')
    const wanted = stage.host.world().calls.filter(({ risk }) => risk === 'read')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(wanted.map(({ id }) => id).reverse())
    expect(commands('activity.export')).toHaveLength(8)
    expect(commands('activity.export')[1]).toMatchObject({ format: 'jsonl', filter: { risk: 'read' } })
    await stage.page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('takes everything when asked, by the keyboard', async () => {
    await show('busy', '/activity?risk=read')
    await button('Export…').focus()
    await stage.page.keyboard.press('Enter')
    await stage.page.getByRole('radio', { name: 'Only what is shown now' }).focus()
    await stage.page.keyboard.press('ArrowDown')
    const download = stage.page.waitForEvent('download')
    await button('Export').focus()
    await stage.page.keyboard.press('Enter')
    const text = await readFile(await (await download).path(), 'utf8')
    expect(text.trim().split('\n')).toHaveLength(14)
  })
})

describe('a call in full', () => {
  it('names the rule that let it through, as it was then', async () => {
    await show('busy', '/activity')
    await rows().filter({ hasText: 'files__edit_file' }).first().click()
    const detail = stage.page.getByRole('complementary', { name: 'The call in full' })
    await detail.getByText('Allowed by a rule of yours').waitFor()
    const said = await detail.locator('dt:text-is("Rule") + dd').textContent()
    expect(said).toMatch(
      /^ChatGPT may use files__edit_file, whatever it hands over\. Your answer since \d+ \w+ \d+, until you revoke it\. Also after/,
    )
    await detail.getByRole('link', { name: 'Rules that hold now' }).click()
    await stage.page.getByRole('heading', { name: 'Rules', exact: true }).waitFor()
  })
})

describe('the check', () => {
  it('says that the record is whole', async () => {
    await show('busy', '/activity')
    await button('Check the record').click()
    await stage.page.getByText('The record is whole: 14 rows, all as they were written.').waitFor()
    await button('Close').click()
    await stage.page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('says what was changed and taken away, and leads to the rows', async () => {
    await show('tampered', '/activity')
    await button('Check the record').focus()
    await stage.page.keyboard.press('Enter')
    for (const sentence of [
      'The record is not as Drawbridge wrote it.',
      '2 rows were changed or added by something other than Drawbridge.',
      '3 rows were taken away.',
      'The beginning or the end does not fit',
      '2 rows are from a time when the keychain could not be opened',
    ])
      await stage.page.getByText(sentence).waitFor()
    await button('Look at changed row 2').focus()
    await stage.page.keyboard.press('Enter')
    const detail = stage.page.getByRole('complementary', { name: 'The call in full' })
    await detail.getByText('files__edit_file', { exact: true }).first().waitFor()
  })
})

describe('the diary', () => {
  it('tells each assistant’s day, and each change leads to its row', async () => {
    await show('busy', '/activity')
    await stage.page.getByRole('link', { name: 'Diary' }).click()
    await stage.page.getByRole('heading', { name: /^Today, / }).waitFor()
    await stage.page.getByText('ChatGPT made 2 changes:').waitFor()
    await stage.page.getByText('did not work. 3 calls were not allowed.').waitFor()
    await stage.page
      .getByRole('link', { name: /files__write_file of Files, which you allowed$/ })
      .last()
      .click()
    const detail = stage.page.getByRole('complementary', { name: 'The call in full' })
    await detail.locator('dt:text-is("Decision") + dd').getByText('Allowed by you', { exact: true }).waitFor()
    expect(stage.page.url()).toContain('#/activity?call=call-')
  })

  it('is per week and per assistant, and a reload keeps that', async () => {
    await show('busy', '/activity/diary')
    await choose('By day or week', 'By week')
    await stage.page
      .getByRole('heading', { name: /^Week from / })
      .first()
      .waitFor()
    await choose('Assistant', 'Home Assistant')
    await stage.page.getByText('Nothing to tell').waitFor()
    await stage.page.reload()
    await stage.page.getByText('Nothing to tell').waitFor()
    expect(stage.page.url()).toContain('by=week')
  })
})

describe('the usage', () => {
  it('shows the same in pictures and in tables', async () => {
    await show('busy', '/activity/usage')
    const table = stage.page.getByRole('region', { name: 'By tool, as a table' })
    const cells = await table
      .getByRole('row')
      .filter({ hasText: 'files__edit_file' })
      .getByRole('cell')
      .allTextContents()
    expect(cells.slice(0, 5)).toEqual(['3', '0', '2', '0', '33 %'])
    const figures = (name: string, row: string) =>
      stage.page
        .getByRole('table', { name, exact: true })
        .getByRole('row')
        .filter({ hasText: row })
        .getByRole('cell')
        .allTextContents()
    expect(await figures('Sign-ins', 'Asked to come in')).toEqual(['3', '1', '75 %'])
    await soon(async () =>
      expect(await figures('Servers on this computer', 'Files')).toEqual(['2', '84 MB', '3 %']),
    )
    await choose('How far back', 'Last 30 days')
    await soon(async () =>
      expect(
        await stage.page.getByRole('region', { name: 'Calls per day, as a table' }).getByRole('row').count(),
      ).toBe(31),
    )
    await soon(() => expect(stage.page.url()).toContain('days=30'))
  })
})
