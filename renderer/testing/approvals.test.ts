/** What the question about a call shows, and when it can be allowed, in a real browser. */
import type { Locator } from '@playwright/test'
import { describe, expect, it } from 'vitest'
import { hostileArguments } from '../../e2e/attacks/hostile-arguments.ts'
import type { ApprovalDetails } from '../../src/contract/approvals.ts'
import { approval } from './samples.ts'
import { soon, useStage } from './stage.ts'

const MARKS = '\u202e\u2066\u200b\u{e0041}\u00a0'

describe('the question about a call', () => {
  const stage = useStage()
  const { button, commands } = stage
  const dialog = () => stage.page.getByRole('alertdialog')
  const box = () => stage.page.getByRole('region', { name: 'Exact arguments' })
  const allow = () => button('Allow once')
  const toldWhy = () => dialog().getByText('Scroll to the end of the details')

  /** Puts one question onto the page, which stays the same. */
  async function asks(more: Partial<ApprovalDetails>, given?: unknown): Promise<void> {
    const one = approval(Date.now(), { risk: 'write', ...more }, given)
    stage.host.world().approvals = [one]
    stage.host.tell('approvals.changed', [one])
    await box().waitFor()
  }
  async function leaves(): Promise<void> {
    stage.host.world().approvals = []
    stage.host.tell('approvals.changed', [])
    await dialog().waitFor({ state: 'detached' })
  }
  const insideWindow = async (part: Locator) => {
    const { x, y, width, height } = (await part.boundingBox())!
    const { width: wide, height: high } = stage.page.viewportSize()!
    return x >= 0 && y >= 0 && x + width <= wide && y + height <= high && width > 0 && height > 0
  }
  /** Longer than a dialog takes to settle. */
  const wait = () => stage.page.waitForTimeout(900)

  it('shows five hundred hostile arguments exactly, as text, and keeps its own buttons', async () => {
    await stage.page.emulateMedia({ reducedMotion: 'reduce' })
    await stage.show('busy')
    let number = 0
    for (const { name, json } of hostileArguments(11)) {
      // As it would leave for its server: no program can hold 1e400, and -0 is 0.
      const given = JSON.parse(JSON.stringify(JSON.parse(json)))
      // What changes a file would be shown as one.
      const one = approval(Date.now(), { id: `h${number++}`, risk: 'read' }, given)
      // More is refused by the host, before anybody is asked.
      if (one.arguments.length > 1_000_000) continue
      stage.host.world().approvals = [one]
      stage.host.tell('approvals.changed', [one])
      await box().waitFor()
      const shown = await dialog().evaluate((popup) => {
        const details = popup.querySelector('[aria-label="Exact arguments"]')!
        const edges = (element: Element) => element.getBoundingClientRect()
        const end = edges(popup).right
        return {
          text: details.textContent,
          elements: [...new Set([...details.querySelectorAll('*')].map((part) => part.localName))],
          buttons: [...popup.querySelectorAll('button')].map((part) => part.textContent),
          inSight: [...popup.querySelectorAll('button')].every((part) => {
            const { left, right, top, bottom } = edges(part)
            return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight
          }),
          within: edges(details).right <= end && details.scrollWidth <= details.clientWidth,
          allowed: ![...popup.querySelectorAll('button')].at(-1)!.disabled,
          told: popup.textContent.includes('Scroll to the end of the details'),
          whole: details.scrollHeight <= details.clientHeight,
        }
      })
      const read = JSON.parse(shown.text === 'Nothing is handed over.' ? '{}' : shown.text)
      expect(JSON.stringify(read), name).toBe(JSON.stringify(given))
      expect(shown.text, name).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}](?<!\n)|(?! )\p{Zs}/u)
      expect(
        shown.elements.every((element) => ['div', 'span', 'bdi'].includes(element)),
        name,
      ).toBe(true)
      const ours = ['Decide later', 'Don’t allow', 'Allow once']
      expect(shown.buttons.slice(-3), name).toEqual(ours)
      const choice = 'Ask me every time'
      expect(shown.buttons.slice(0, -3), name).toEqual(
        shown.buttons.length > 4 ? ['Show everything', choice] : [choice],
      )
      expect(shown, name).toMatchObject({ inSight: true, within: true })
      if (!shown.whole) expect(shown, name).toMatchObject({ told: true, allowed: false })
      await leaves()
    }
    expect(number).toBe(500)
    expect(commands('approvals.decide')).toEqual([])
  }, 240_000)

  it('allows what does not fit only after its end was in sight, with the mouse', async () => {
    await stage.show('busy')
    await asks({}, { path: '/tmp/harmless', lines: Array.from({ length: 400 }, (_, at) => `line ${at}`) })
    await wait()
    expect(await allow().isDisabled()).toBe(true)
    await toldWhy().waitFor()
    await box().evaluate((element) => element.scrollTo(0, element.scrollHeight / 2))
    await wait()
    expect(await allow().isDisabled()).toBe(true)
    // What is told about this and other calls meanwhile changes nothing.
    await box().evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await toldWhy().waitFor({ state: 'detached' })
    stage.host.tell('approvals.changed', stage.host.world().approvals)
    stage.host.tell('approvals.asked', stage.host.world().approvals[0])
    await allow().click()
    await soon(() =>
      expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'once', seen: 'seen-a1' }]),
    )
  })

  it('allows it by the keyboard alone', async () => {
    await stage.show('busy')
    await asks({}, { text: 'long '.repeat(20_000) })
    const { keyboard } = stage.page
    await soon(async () => expect(await stage.focused()).toBe('Don’t allow'))
    // From the refusal around to the box: allowing cannot be reached on the way.
    for (let at = 0; at < 4 && !(await box().evaluate((one) => one === document.activeElement)); at++)
      await keyboard.press('Shift+Tab')
    await soon(async () => {
      await keyboard.press('End')
      expect(await toldWhy().count()).toBe(0)
    })
    await wait()
    for (let at = 0; at < 5 && (await stage.focused()) !== 'Allow once'; at++) await keyboard.press('Tab')
    await keyboard.press('Enter')
    await soon(() => expect(commands('approvals.decide')).toHaveLength(1))
  })

  it('allows it after it was opened over the whole window, but not by the same double click', async () => {
    await stage.show('busy')
    await asks({}, { text: 'long '.repeat(20_000) })
    await button('Show everything').waitFor()
    // Within the page, so that a busy machine does not settle it meanwhile.
    const allowed = await dialog().evaluate((popup) => {
      const named = (name: string) =>
        [...popup.querySelectorAll('button')].find((part) => part.textContent === name)!
      named('Show everything').click()
      return new Promise((done) =>
        requestAnimationFrame(() => setTimeout(() => done(!named('Allow once').disabled))),
      )
    })
    expect(allowed).toBe(false)
    const { width } = (await dialog().boundingBox())!
    expect(width).toBeGreaterThan(1_000)
    expect((await box().boundingBox())!.height).toBeGreaterThan(300)
    expect(await box().evaluate((element) => element === document.activeElement)).toBe(true)
    await allow().click()
    await soon(() => expect(commands('approvals.decide')).toHaveLength(1))
  })

  it('asks to look again when what was shown is not what waits', async () => {
    await stage.show('busy')
    await asks({}, { path: '/tmp/harmless' })
    await soon(async () => expect(await allow().isDisabled()).toBe(false))
    const lines = Array.from({ length: 400 }, (_, at) => `line ${at}`)
    stage.host.world().approvals = [approval(Date.now(), { seen: 'another' }, { lines })]
    await allow().click()
    await dialog().getByText('This is not what was shown.').waitFor()
    await box().getByText('line 399').waitFor({ state: 'attached' })
    await wait()
    expect(await allow().isDisabled()).toBe(true)
    await dialog().waitFor()
  })

  it('cannot be answered while the details are not there, and says why they are not', async () => {
    await stage.show('busy')
    stage.host.world().failing['approvals.get'] = {
      code: 'busy',
      message: 'The database is busy.',
      hint: 'Try again in a moment.',
    }
    const one = approval(Date.now(), {}, { path: '/tmp/harmless' })
    stage.host.world().approvals = [one]
    stage.host.tell('approvals.changed', [one])
    await dialog().getByText('The database is busy.').waitFor()
    await wait()
    expect(await allow().isDisabled()).toBe(true)
    stage.host.world().failing = {}
    await button('Try again').click()
    await box().waitFor()
    await soon(async () => expect(await allow().isDisabled()).toBe(false))
  })

  it('always shows name, id and source, however long and however marked the titles are', async () => {
    await stage.show('busy')
    await stage.page.setViewportSize({ width: 420, height: 600 })
    const titles = {
      clientName: `${MARKS}${'C'.repeat(5_000)}`,
      toolTitle: `${MARKS}x” or “y <b>${'T'.repeat(5_000)}`,
      source: `${'S'.repeat(5_000)}`,
      tool: 'weather',
      toolId: 'shell__run',
      sourceId: 'shell',
    }
    await asks(titles, { path: '/tmp/harmless', mode: 'w' })
    for (const name of ['weather', 'shell__run', 'shell'])
      expect(await insideWindow(dialog().getByText(name, { exact: true }).first()), name).toBe(true)
    for (const name of ['Don’t allow', 'Allow once'])
      expect(await insideWindow(button(name)), name).toBe(true)
    const heading = (await dialog().getByRole('heading', { level: 2 }).textContent())!
    expect([...heading].length).toBeLessThan(160)
    expect(heading).toContain('⟨U+202E⟩⟨U+2066⟩')
    // Nothing in a title ends the quotation marks around it.
    expect(heading.match(/[“”]/g)).toEqual(['“', '”'])
    expect(await dialog().textContent()).not.toMatch(/[\u202e\u2066\u200b\u00a0]|\u{e0041}/u)
    await soon(async () => expect(await allow().isDisabled()).toBe(true))
  })

  it('leaves what stands between words from right to left where it is', async () => {
    await stage.show('busy')
    await asks({}, { path: '/home/אבג/../דהו/١/٢' })
    const places = await box().evaluate((element) => {
      const wanted = ['אבג', '/../', 'דהו', '١', '٢']
      const found: number[] = []
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let from = 0; found.length < wanted.length; ) {
          const next = wanted[found.length]!
          const at = node.textContent!.indexOf(next, from)
          if (at < 0) break
          from = at + next.length
          const range = document.createRange()
          range.setStart(node, at)
          range.setEnd(node, from)
          found.push(range.getBoundingClientRect().left)
        }
      }
      return found
    })
    expect(places).toHaveLength(5)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  it.each([
    ['a million characters', { text: 'x'.repeat(999_000) }],
    ['ten thousand names', Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key${at}`, at]))],
    ['marks all over', { text: 'a\u202e'.repeat(140_000) }],
  ])('can be used within a second with %s', async (_name, given) => {
    await stage.show('busy')
    /** Until the page's thread is free again and has drawn it, in ms. */
    const ready = async (id: string, what: unknown = { path: '/tmp/harmless' }) => {
      const one = approval(Date.now(), { id, risk: 'write' }, what)
      stage.host.world().approvals = [one]
      const from = performance.now()
      stage.host.tell('approvals.changed', [one])
      await box().waitFor()
      await stage.page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(null)))),
      )
      return performance.now() - from
    }
    await ready('first')
    await leaves()
    // How busy the machine is: six ordinary questions may take as long.
    const ordinary = await ready('ordinary')
    await leaves()
    expect(await ready('long', given)).toBeLessThan(Math.max(1_000, 6 * ordinary))
    await button('Show everything').click()
    await box().press('End')
    await toldWhy().waitFor({ state: 'detached' })
  })

  it('is the one that tray and notification led to', async () => {
    await stage.show('queue')
    await dialog().getByText('3 more waiting after this').waitFor()
    await stage.page.goto(`${stage.host.url}#/waiting/a2`)
    await dialog().getByRole('heading').getByText('Edit a file').waitFor()
    await stage.page.goto(`${stage.host.url}#/waiting/gone`)
    await dialog().getByRole('heading').getByText('ChatGPT').first().waitFor()
  })
})
