/** A mail, a file and changes to one, shown as what they are, in a real browser. */
import { describe, expect, it } from 'vitest'
import { hostileArguments } from '../../e2e/attacks/hostile-arguments.ts'
import type { ApprovalDetails } from '../../src/contract/approvals.ts'
import { approval } from './samples.ts'
import { soon, useStage } from './stage.ts'

describe('the question about a mail or a file', () => {
  const stage = useStage()
  const { button, commands } = stage
  const dialog = () => stage.page.getByRole('alertdialog')
  const part = (name: string) => dialog().getByRole('region', { name, exact: true })
  const asks = async (given: unknown, more: Partial<ApprovalDetails> = {}) => {
    const one = approval(Date.now(), { risk: 'write', ...more }, given)
    stage.host.world().approvals = [one]
    stage.host.tell('approvals.changed', [one])
    await dialog().waitFor()
  }
  const mail = { to: ['a@b.c', 'd@e.f'], bcc: 'g@h.i', subject: 'Hello', body: 'One\ntwo', urgent: true }

  it('shows all of it, and the same exactly with one press', async () => {
    await stage.show('busy')
    await asks(mail)
    await part('The mail').waitFor()
    for (const text of ['a@b.c', 'd@e.f', 'g@h.i', 'Hello'])
      await part('The mail').getByText(text, { exact: true }).waitFor()
    expect(await part('The mail').textContent()).toContain('One\ntwo')
    expect(await part('The mail').textContent()).toContain('"urgent": true')
    await button('Show exactly').click()
    expect(JSON.parse((await part('Exact arguments').textContent())!)).toEqual(mail)
    await button('Show as a mail').click()
    await part('The mail').press('End')
    await soon(async () => expect(await button('Allow once').isEnabled()).toBe(true))
    await button('Allow once').click()
    await soon(() =>
      expect(commands('approvals.decide')).toEqual([{ id: 'a1', decision: 'once', seen: 'seen-a1' }]),
    )
  })

  it('allows it only after its end was in sight, with the keyboard too', async () => {
    await stage.show('busy')
    await asks({ path: '/a', content: 'line\n'.repeat(300), mode: 'append' })
    await dialog().getByText('Scroll to the end of the details').waitFor()
    await stage.page.waitForTimeout(900)
    expect(await button('Allow once').isDisabled()).toBe(true)
    await part('The file').press('End')
    await soon(async () => expect(await button('Allow once').isEnabled()).toBe(true))
  })

  it('shows what changes before and after, side by side, and what is taken out', async () => {
    await stage.show('changes')
    const region = part('What changes in the file')
    const edges = async (text: string) => (await region.getByText(text).boundingBox())!
    const [before, after] = [await edges('- 4 apples'), await edges('- 5 apples')]
    expect(before.y).toBe(after.y)
    expect(before.x + before.width).toBeLessThanOrEqual(after.x)
    await region.getByText('Nothing', { exact: true }).waitFor()
  })

  it('leaves what only reads, and what is longer than ten pages, as it is', async () => {
    await stage.show('busy')
    await asks(mail, { risk: 'read' })
    await part('Exact arguments').waitFor()
    await asks({ path: '/a', content: 'x'.repeat(30_000) }, { id: 'b1' })
    await soon(async () => expect(await part('Exact arguments').textContent()).toContain('xxx'))
    expect(await button('Show exactly').count()).toBe(0)
  })

  it('shows two hundred hostile texts in mails and files as text, all of it, and keeps its own labels', async () => {
    await stage.page.emulateMedia({ reducedMotion: 'reduce' })
    await stage.show('busy')
    const texts = hostileArguments(7)
      .flatMap(({ json }) => Object.values(JSON.parse(json)))
      .filter((one): one is string => typeof one === 'string' && one !== '' && one.length < 2_000)
      .slice(0, 200)
    expect(texts).toHaveLength(200)
    for (const [at, text] of texts.entries()) {
      const isMail = at % 2 === 0
      await asks(isMail ? { to: text, subject: text, body: text } : { path: text, content: text }, {
        id: `h${at}`,
      })
      await part(isMail ? 'The mail' : 'The file').waitFor()
      const shown = await dialog().evaluate((popup) => {
        const box = popup.querySelector('section')!
        return {
          name: box.getAttribute('aria-label'),
          text: box.textContent,
          values: [...box.querySelectorAll('dd, dl ~ div > div')].map((one) => one.textContent),
          labels: [...box.querySelectorAll('dt, dl ~ div > p')].map((one) => one.textContent),
          elements: [...new Set([...box.querySelectorAll('*')].map((one) => one.localName))],
          within: box.scrollWidth <= box.clientWidth,
        }
      })
      expect(shown, text).toMatchObject({
        name: isMail ? 'The mail' : 'The file',
        labels: isMail ? ['To', 'Subject', 'Text'] : ['Where', 'What will be in it'],
        within: true,
      })
      expect(shown.text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}](?<!\n)|(?! )\p{Zs}/u)
      expect(
        shown.elements.filter((one) => !['dl', 'dt', 'dd', 'div', 'p', 'span', 'bdi'].includes(one)),
      ).toEqual([])
      // Read back, each is the very text.
      for (const value of shown.values)
        expect(
          value.replace(/⟨U\+([\dA-F]+)⟩/gu, (_all, hex) => String.fromCodePoint(Number.parseInt(hex, 16))),
        ).toBe(text)
    }
    expect(commands('approvals.decide')).toEqual([])
  }, 120_000)
})
