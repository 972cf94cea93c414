import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { afterEach, describe, expect, it } from 'vitest'
import { messageParams } from '../scripts/message-params.ts'
import en from './en.json' with { type: 'json' }
import {
  type Code,
  chooseLocale,
  isSimple,
  Sentence,
  saidParts,
  say,
  sayInEnglish,
  sayTheSentence,
} from './say.ts'
import { readSource } from './testing/read-source.ts'

const root = join(import.meta.dirname, '..')
/** Where everything that a person reads has a code. */
const SPOKEN = [
  'renderer',
  'electron',
  'src/cli',
  'src/setup',
  'src/connectors',
  'src/contract/agreed',
  'src/headless',
  'src/oauth/authorization/oauth-errors.ts',
  'src/oauth/authorization/waiting-page.ts',
  'src/control/user-interface.ts',
  'src/servers/sign-in/callback-listener.ts',
]
/** Where sentences are said; those of the other folders are still to be moved. */
const SAYING = ['renderer', 'electron', 'src']
/** What looks like words and is the same in every language: examples to type, selectors, names of headers and systems, ours. */
const ALLOWED = [
  /^(?:https:\/\/|mcp:|npx -y |\/home\/|X-Tenant$)/,
  /^(?:Authorization|Drawbridge|Windows)$/,
  // Commands to type, and how they are written.
  /^(?:<code>)?drawbridge [a-z -]+(?:<\/code>)?$|^(?:\[options\]|help \[command\])/,
  // What a server, or who checks one, is told.
  /^(?:application|Mozilla)\/|^Bearer made-up$|^Drawbridge check$/,
  // Read by assistants: why arguments do not fit, and that a value is an old one.
  /^must (?:look like owner|be the name of an npm)|^Last known, from $|^DEMO: /,
  // What databases and services are asked, and currencies.
  /^(?:SELECT|DELETE FROM|INSERT OR|FROM|GROUP BY) |^[A-Z]{3}(?: [A-Z]{3})+$/,
  // What a browser is told, not a person.
  /'(?:none|self)'|; charset=|^private, max-age|^Not (?:found|allowed)$/,
  /^\[role=|\bpx\b|^\(prefers-|\dpx\b/,
]

const sources = SAYING.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => !/[/\\](?:testing|fixture)/.test(name)),
).map((name) => ({ name, ...readSource(readFileSync(join(root, name), 'utf8'), name) }))

afterEach(() => void chooseLocale('en'))

describe('the sentences', () => {
  it('are each said somewhere', () => {
    const codes = sources.flatMap((source) => source.codes)
    expect(Object.keys(en).filter((code) => !codes.some((one) => one.test(code)))).toEqual([])
  })

  it('are there wherever one is said', () => {
    const missing = sources.flatMap(({ name, codes }) =>
      codes
        .filter((code) => !Object.keys(en).some((one) => code.test(one)))
        .map((code) => `${name}: ${code.source}`),
    )
    expect(missing).toEqual([])
  })

  it('are not said before a language was chosen', () => {
    expect(sources.flatMap(({ name, early }) => early.map((line) => `${name}:${line}`))).toEqual([])
  })

  it.each(SPOKEN)('stand nowhere in %s itself', (folder) => {
    const loose = sources
      .filter(({ name }) => name.startsWith(folder))
      .flatMap(({ name, loose }) =>
        loose
          .filter(({ text }) => !ALLOWED.some((one) => one.test(text)))
          .map(({ text, line }) => `${name}:${line} ${text}`),
      )
    expect(loose).toEqual([])
  })

  it('that the command line says at every start need no library, which would take a tenth of it', () => {
    const atStart = Object.entries(en).filter(([code]) =>
      /^cli\.(?:\w+\.)?(?:help|option|argument|commander|exitCodes)\./.test(code),
    )
    expect(atStart.length).toBeGreaterThan(100)
    expect(atStart.filter(([, text]) => !isSimple(text))).toEqual([])
  })

  it('need what their types say (node scripts/message-params.ts)', () => {
    expect(readFileSync(join(root, 'locales/message-params.ts'), 'utf8')).toBe(messageParams(en))
  })

  it('are sorted, so that one is found', () => {
    expect(Object.keys(en)).toEqual(Object.keys(en).toSorted())
  })
})

describe('what finds them', () => {
  const found = (source: string) => readSource(source, 'a.tsx')
  const loose = (source: string) => found(source).loose.map(({ text }) => text)

  it('sees words on the page, in attributes and in sentences', () => {
    expect(loose('const A = () => <p>Hello</p>')).toEqual(['Hello'])
    expect(loose('const A = () => <p aria-label="away">{b ? "Not there" : c}</p>')).toEqual([
      'away',
      'Not there',
    ])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source that is read
    expect(loose('const a = `${count} tools are gone`')).toEqual([' tools are gone'])
    expect(loose('const a = { label: "Stopped" }')).toEqual(['Stopped'])
  })

  it('leaves the rest alone', () => {
    const rest =
      'import a from "b"; if (a === "Escape") b("tools.list", { "Two words": 1 }); type T = "Two words"'
    expect(loose(rest)).toEqual([])
    expect(loose('const A = () => <p className="dialog wide">{say("a.b", { c })}</p>')).toEqual([])
  })

  it('reads codes, also computed ones, and those said too early', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source that is read
    const { codes, early } = found('const a = say("a.b")\nconst c = () => say(d ? "e.f" : `g.${h}.i`)')
    expect(codes.map((code) => code.source)).toEqual(['^a\\.b$', '^e\\.f$', '^g\\..+\\.i$'])
    expect(early).toEqual([1])
  })
})

describe('what finds the sentences of errors', () => {
  const codes = (source: string) => readSource(source, 'a.ts').codes.map((code) => code.source)

  it('reads them from the code, and from `says` wherever it stands', () => {
    const both = (text: string) => [`^error\\.${text}\\.message$`, `^error\\.${text}\\.hint$`]
    expect(codes('throw new HostError({ code: "a-b", params: { c } })')).toEqual(both('a-b'))
    expect(codes('new HostError({ code: "a-b", says: d ? "e" : "f" })')).toEqual([...both('e'), ...both('f')])
    expect(codes('const table = [{ when, code: "a-b", says: "e" }]')).toEqual(both('e'))
    expect(codes('const c = saidLater("a.b"); new Sentence("d.e")')).toEqual(['^a\\.b$', '^d\\.e$'])
  })

  it('asks for none where the words come from elsewhere', () => {
    expect(codes('new HostError({ code: "a-b", told: reply })')).toEqual([])
    expect(codes('const reply = { code: "a-b" }')).toEqual([])
  })

  it('misses the one that is not there, and sees the one that nobody says', () => {
    const known = ['error.a-b.message', 'error.a-b.hint']
    const said = readSource('new HostError({ code: "a-c" })', 'a.ts').codes
    expect(said.filter((code) => !known.some((one) => code.test(one)))).toHaveLength(2)
    expect(known.filter((one) => !said.some((code) => code.test(one)))).toEqual(known)
  })
})

describe('a sentence', () => {
  it('is the same with the library and without', () => {
    for (const code of Object.keys(en) as Code[]) {
      if (!isSimple(en[code])) continue
      const values = Object.fromEntries([...en[code].matchAll(/\w+/g)].map(([name]) => [name, `“${name}$&”`]))
      const ours = sayInEnglish(new Sentence(code, values))
      const theirs = new IntlMessageFormat(en[code], 'en').format(values)
      expect(ours, code).toBe(theirs)
    }
    expect(Object.values(en).filter((text) => !isSimple(text)).length).toBeGreaterThan(20)
  })
  it('may stand in another, in the language of that one', () => {
    chooseLocale('en-XA')
    const inside = new Sentence('access.revoke.title', { name: new Sentence('common.save', undefined) })
    expect(sayInEnglish(inside)).toBe(`Revoke “${en['common.save']}”?`)
    expect(sayTheSentence(inside)).toContain(`“${say('common.save')}”`)
  })
})

describe('the pseudo-locale', () => {
  const plain = Object.keys(en).filter((code) => !/[{<']/.test(en[code as Code])) as Code[]

  it('makes every sentence at least 40 % longer, and keeps what is put in', () => {
    const english = plain.map((code) => say(code as 'common.save'))
    chooseLocale('en-XA')
    for (const [index, code] of plain.entries()) {
      const said = say(code as 'common.save')
      expect(said.length, code).toBeGreaterThanOrEqual(english[index]!.replace(/\P{L}/gu, '').length * 1.4)
      expect(said.startsWith('[') && said.endsWith(']')).toBe(true)
    }
    expect(say('access.revoke.title', { name: 'Ada' })).toContain('“Ada”')
    expect(say('limits.chosenTools', { count: 1 })).toBe('[1 çhóšéñçhó ťóóĺťó]')
    const bold = { b: (words: object) => ({ words }) }
    expect(saidParts<'servers.signIn.ask', object>('servers.signIn.ask', bold)[1]).toHaveProperty('words')
  })

  it('is nobody’s by accident', () => {
    expect(chooseLocale(undefined)).toBe('en')
    expect(chooseLocale('de')).toBe('en')
    expect(chooseLocale('en-XA')).toBe('en-XA')
  })
})
