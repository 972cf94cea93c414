/** Every page and dialog with names, titles and messages that strangers made to mislead. */
import { describe, expect, it } from 'vitest'
import type { Scene, World } from './scenes.ts'
import { soon, useStage } from './stage.ts'

/** Turned around, not seen, a tag, a control, a space that is none, a line break, markup, and long. */
const HOSTILE = `\u202e\u2066\u200b\u{e0041}\u0007\u00a0\n<img src=x onerror=alert(1)><b>${'W'.repeat(5_000)}`
const RAW = '[\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f\\u{e0000}-\\u{e007f}\\u0000-\\u0009\\u00a0]'
const STRANGERS = new Set(
  'name title description clientName redirectHost tool toolTitle source original message hint error log issuer scopes summary sent received args cwd env headers text redirectUris redirectDomains'.split(
    ' ',
  ),
)
/** What people type or addresses are made of is checked by the host. */
const OURS = new Set(['workspaces', 'flows'])

/** Appends it to whatever a stranger may have written. */
function spoil(value: unknown, theirs = false): unknown {
  if (typeof value === 'string') return theirs && value !== '' ? value + HOSTILE : value
  if (Array.isArray(value)) return value.map((one) => spoil(one, theirs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      OURS.has(key) ? one : spoil(one, STRANGERS.has(key) || (theirs && !Array.isArray(value))),
    ]),
  )
}

describe('text of strangers', () => {
  const stage = useStage()
  const { button } = stage

  async function show(scene: Scene, path: string): Promise<void> {
    stage.host.show(scene)
    const world = stage.host.world()
    Object.assign(world, spoil(world) as World)
    for (const call of world.calls)
      Object.assign(call, { arguments: HOSTILE, result: `{"a":"${'x'.repeat(9)}` })
    await stage.page.emulateMedia({ reducedMotion: 'reduce' })
    await stage.page.goto('about:blank')
    await stage.page.goto(`${stage.host.url}#${path}`)
    await stage.page.locator('main h1, main h2').first().waitFor({ state: 'attached' })
  }
  /** What stands on the page as it came, in text or attributes; what people edit is theirs. */
  const raw = () =>
    stage.page.evaluate((pattern) => {
      const wrong = new RegExp(pattern, 'u')
      const found: string[] = []
      const here = (node: Node) => `${node.parentElement?.localName}.${node.parentElement?.className}`
      const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ALL)
      for (let node: Node | null = walker.currentNode; node; node = walker.nextNode()) {
        if (node instanceof Text && !(node.parentElement instanceof HTMLTextAreaElement))
          if (wrong.test(node.data)) found.push(`${here(node)}: ${node.data.slice(0, 60)}`)
        if (!(node instanceof Element)) continue
        if (['img', 'b'].includes(node.localName) && node.getAttribute('src') === 'x') found.push('markup')
        for (const { name, value } of node.attributes)
          if (wrong.test(value) && !(name === 'value' && node instanceof HTMLInputElement))
            found.push(`${node.localName}[${name}] of ${here(node)}: ${value.slice(0, 60)}`)
      }
      return found
    }, RAW)
  const clean = async () => {
    await soon(async () => expect(await stage.page.content()).toContain('⟨U+202E⟩'))
    expect(await raw()).toEqual([])
    const sideways = await stage.page.evaluate(() => document.querySelector('main')!.scrollWidth > innerWidth)
    expect(sideways).toBe(false)
  }

  it.each([
    ['connection', '/', 'Let it in'],
    ['narrow', '/', 'Let it in'],
    ['returning', '/', 'Let it back in'],
    ['approval', '/', 'Allow once'],
  ] as const)(
    'is written out in the dialog of the scene %s, which keeps its buttons',
    async (scene, path, act) => {
      await show(scene, path)
      await button(act).waitFor()
      await clean()
      const high = stage.page.viewportSize()!.height
      const { y, height } = (await button(act).boundingBox())!
      expect(y).toBeGreaterThan(0)
      expect(y + height).toBeLessThanOrEqual(high)
    },
  )

  it('is written out among the tools to choose from', async () => {
    await show('connection', '/')
    await button('Change tools and end date').click()
    await stage.page.getByRole('radio', { name: 'Only the tools I choose' }).click()
    await button(/^Show the tools of/)
      .first()
      .click()
    await clean()
  })

  it.each([
    ['busy', '/tools'],
    ['servers', '/tools'],
    ['servers', '/tools/w1'],
    ['servers', '/tools/w3'],
    ['errors', '/tools/s2'],
    ['errors', '/'],
    ['drafts', '/'],
    ['moved', '/'],
    ['busy', '/access'],
    ['workspaces', '/access'],
    ['workspaces', '/settings'],
    ['workspaces', '/doctor'],
    ['busy', '/activity'],
    ['queue', '/'],
  ] as const)('is written out on the page of the scene %s at %s', async (scene, path) => {
    await show(scene, path)
    await clean()
    // Behind a question nothing can be pressed.
    if (scene !== 'queue')
      for (const summary of await stage.page.locator('main summary').all()) await summary.click()
    await clean()
  })

  it.each([
    ['busy', '/access', /^Details of/],
    ['busy', '/access', /^Revoke/],
    ['workspaces', '/access', /^Remove/],
    ['busy', '/tools', /^Rename/],
    ['busy', '/tools/s1', 'Remove this server…'],
    ['servers', '/tools/w3', /^Sign out of/],
    ['drafts', '/', /^Look at/],
  ] as const)('is written out in the dialog of %s %s %s', async (scene, path, name) => {
    await show(scene, path)
    await button(name).first().click()
    await stage.page.locator('[role=dialog], [role=alertdialog]').waitFor()
    await clean()
  })

  it('is written out in a call of the log, and in the list of what was put aside', async () => {
    await show('busy', '/activity')
    await stage.page.getByRole('option').nth(3).click()
    await stage.page.getByText('What came back').waitFor()
    await clean()
    await show('approval', '/')
    await button('Decide later').click()
    await button('Answer').waitFor()
    await clean()
  })

  it('is written out in messages that pass', async () => {
    await show('errors', '/')
    await button('Raise the bridge').click()
    await stage.page.getByText('could not be raised').first().waitFor()
    await clean()
    await show('connection', '/')
    await stage.page.getByLabel('Three digits').fill('123')
    await button('Let it in').click()
    await stage.page.getByText('is connected').last().waitFor()
    await clean()
  })

  it('is not written out again in a message where the host wrote it out', async () => {
    await show('errors', '/')
    const message = '“Mail⟨U+202E⟩” has no key.'
    stage.host.world().failing = { 'bridge.raise': { code: 'busy', message, hint: 'Ask ⟨U+0007⟩.' } }
    await button('Raise the bridge').click()
    for (const sentence of [message, 'Ask ⟨U+0007⟩.'])
      await stage.page.getByText(sentence, { exact: true }).first().waitFor()
  })
})
