import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '../../locales/say.ts'
import { startHarness } from './testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(async () => {
  chooseLocale('en')
  await h.stop()
})
beforeEach(() => h.forget())

/** What Commander finds wrong, and how it says so in English. */
const wrong: [argv: string[], message: string][] = [
  [['status', '--nope'], "Unknown option '--nope'"],
  [['status', '--jsn'], "Unknown option '--jsn'\n(Did you mean --json?)"],
  [['statsu'], "Unknown command 'statsu'\n(Did you mean status?)"],
  [['nonsense'], "Unknown command 'nonsense'"],
  [['help', 'nonsense'], "Unknown command 'nonsense'"],
  [['help', 'server', 'nonsense'], "Unknown command 'nonsense'"],
  [['server', 'help', 'nonsense'], "Unknown command 'nonsense'"],
  [['approve'], "Missing required argument 'id'"],
  [['key', 'create'], "Required option '--name <name>' not specified"],
  [['serve', '--port'], "Option '--port <number>' argument missing"],
  [
    ['serve', '--port', 'x'],
    "Option '--port <number>' argument 'x' is invalid. Give a number from 1 to 65535, or 0 for any free port.",
  ],
  [
    ['key', 'create', '--name', 'a', '--access', 'x'],
    "Option '--access <level>' argument 'x' is invalid. Allowed choices are look, ask, everything.",
  ],
  [
    ['connect', 'x'],
    "Command-argument value 'x' is invalid for argument 'client'. Allowed choices are chatgpt, claude, other.",
  ],
]

describe('the language of the command line', () => {
  it.each(wrong)('is English unless another was chosen: %j', async (argv, message) => {
    const { code, err } = await h.drawbridge(...argv)
    expect(code).toBe(2)
    expect(err).toBe(
      `${message}\nAdd --help to see how it is written. Everything after -- is passed on as it stands.`,
    )
  })

  it.each(wrong)('is the chosen one: %j', async (argv) => {
    h.env = { DRAWBRIDGE_LOCALE: 'en-XA' }
    const { err } = await h.drawbridge(...argv)
    expect(err).toMatch(/^\[/)
    expect(err).not.toMatch(/\b(?:unknown|option|argument|missing|invalid|allowed|add)\b/i)
  })

  it.each([[], ['server'], ['server', 'add'], ['key', 'create'], ['connect']])(
    'is that of the whole help: %s %s',
    async (...argv) => {
      h.env = { DRAWBRIDGE_LOCALE: 'en-XA' }
      const { out } = await h.drawbridge(...argv, '--help')
      expect(out).not.toMatch(/\b(?:the|usage|options:|commands:|display|output|default:|choices:)\b/i)
    },
  )

  it('is that of what is answered', async () => {
    h.env = { DRAWBRIDGE_LOCALE: 'en-XA' }
    for (const argv of [['client', 'list'], ['requests'], ['preferences'], ['workspace', 'list']])
      expect((await h.drawbridge(...argv)).out).toMatch(/^\[/)
  })
})
