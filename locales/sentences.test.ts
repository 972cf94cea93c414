import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { afterEach, describe, expect, it, vi } from 'vitest'
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

/** All sources are read: a busy machine needs a while. */
vi.setConfig({ testTimeout: 90_000 })

const root = join(import.meta.dirname, '..')
/** Where everything that a person reads has a code: wherever there is code of ours. */
const SPOKEN = ['renderer', 'electron', ...roomsOf('src')]
/** What stays in English in the code: whose it is by its path, who reads it, and the properties it stands under, where not all is theirs. */
const READ_BY_OTHERS: readonly (readonly [path: string, who: string, of?: readonly string[]])[] = [
  ['src/gateway/calls/', 'assistants, whose answers these are'],
  ['src/gateway/offers/instructions.ts', 'assistants'],
  ['src/gateway/offers/tools/check-tool.ts', 'assistants'],
  ['src/gateway/offers/tools/published-tool.ts', 'assistants: what the owner notes for them'],
  ['src/policy/suspicious-text.ts', 'nobody: what is looked for in texts'],
  ['src/servers/lifecycle/source.ts', 'a comparison: what runs, in the same words at all times'],
  ['src/timeline/tools/', 'assistants'],
  ['src/host/own-offers/', 'assistants: what prompts say, and a resource about what is connected'],
  ['src/connectors/kit/service-feeds.ts', 'assistants: why a service was not asked'],
  ['src/timeline/event-table.ts', 'a database: parts of its queries'],
  ['src/policy/decide.ts', 'assistants, who are told why a tool did not run'],
  ['src/gateway/endpoint/', 'clients: errors of the protocol'],
  ['src/gateway/listener/', 'clients and strangers: why a request was not served'],
  ['src/mcp/param-headers.ts', 'clients: what is wrong with a header'],
  ['src/net/connection-places.ts', 'strangers: why a connection was not served'],
  ['src/tunnel/openai/commands.ts', 'clients: why nobody answers behind the tunnel'],
  ['src/tunnel/openai/relay.ts', 'clients: the same'],
  ['src/tunnel/openai/sign-in-targets.ts', 'OpenAI’s service, which asks for the endpoints'],
  ['src/tunnel/providers/relay-pool.ts', 'clients: why nobody answers behind the tunnel'],
  ['src/oauth/authorization-server.ts', 'makers of clients: error_description (RFC 6749 §5.2)'],
  ['src/oauth/authorization/authorization-request.ts', 'makers of clients: error_description'],
  ['src/oauth/clients/registration.ts', 'makers of clients: error_description'],
  ['src/oauth/grants/bearer.ts', 'makers of clients: error_description'],
  ['src/oauth/http/endpoints.ts', 'makers of clients: error_description'],
  ['src/oauth/provider/provider.ts', 'makers of clients: error_description'],
  ['src/servers/session/incoming.ts', 'servers, who asked something'],
  ['src/servers/session/rpc-connection.ts', 'servers: why a request was cancelled'],
  ['src/control/rest/openapi.ts', 'programmers: the document of the interface'],
  ['src/control/rest/activity-routes.ts', 'programmers: the same'],
  ['src/control/rest/', 'programmers: the same', ['summary', 'description']],
  ['src/servers/failures/forgotten.ts', 'the log: why a session was begun anew'],
  ['src/servers/http/http-errors.ts', 'its own room, which reads it again by its form'],
  ['src/servers/registry/server-store.ts', 'the log: what is wrong with a row'],
  ['src/tunnel/helper-process.ts', 'the log: how a program ended'],
  ['src/tunnel/probe.ts', 'everybody: names of assistants, and how they come', ['who', 'userAgent']],
  [
    'src/tunnel/cloudflare/cloudflare-api.ts',
    'everybody: rights, as Cloudflare’s page names them',
    ['zones', 'tunnel', 'dns'],
  ],
  ['src/tunnel/helpers/helper-store.ts', 'the log: what came instead of a program'],
  ['src/tunnel/providers/', 'systems: folders; everybody: names of programs', ['places', 'title']],
  ['src/tunnel/providers/', 'nobody: an example to type', ['placeholder']],
  ['src/kernel/log/', 'the log: marks where something was left out'],
  ['src/kernel/shorten.ts', 'whoever reads data: a mark where it was cut'],
  ['src/oauth/clients/well-known-clients.ts', 'everybody: names of apps'],
  ['src/gateway/endpoint/methods/initialize.ts', 'everybody: names of apps'],
  ['src/tunnel/names.ts', 'everybody: words that addresses are made of'],
  ['src/system/search-path.ts', 'systems: folders'],
  ['src/control/data-folder.ts', 'systems: folders'],
  ['src/servers/stdio/sandbox-rules.ts', 'systems: rules of a sandbox'],
  ['src/connectors/families/calendar.ts', 'assistants: what the calendars say'],
  ['src/connectors/mail/letter.ts', 'assistants: that a part of a mail is missing'],
  ['src/connectors/reading/', 'a parser: names of tags; the log: why something was not read'],
  ['src/notes/tools.ts', 'assistants: what the tools say of themselves'],
  ['src/notes/source.ts', 'assistants: the same of a resource'],
  ['src/notes/writing/write-tools.ts', 'assistants: what the tools say of themselves'],
  ['src/notes/writing/note-writer.ts', 'assistants: what was done'],
  ['src/notes/local/', 'assistants: what the tools say of themselves, and what was done'],
  ['src/notes/index/', 'SQLite, and assistants: why a document is related'],
  [
    'src/notes/text/',
    'whoever reads data: names in file formats, labels of parts, what is wrong with a file',
  ],
  ['src/notes/check-folder.ts', 'systems: folders'],
  ['src/net/pages/page-scripts.ts', 'browsers: scripts'],
  ['src/cli/service/', 'systems: files of services, folders'],
  ['src/cli/serve-settings.ts', 'everybody: what a variable takes, to be typed', ['fits']],
  ['src/storage/backup/backup-file.ts', 'the log: what is wrong with a file'],
]
/** What looks like words and is the same in every language: examples to type, selectors, names of headers and systems, ours. */
const ALLOWED = [
  /^(?:https:\/\/|mcp:|npx -y |\/home\/|X-Tenant$)/,
  /^(?:Authorization|Drawbridge|Windows)$/,
  // Keys and systems, as Electron and browsers name them.
  /^(?:Control|Alt|Shift|Super|Meta|Dead|Mac)$/,
  // Commands to type, and how they are written.
  /^(?:<code>)?drawbridge [a-z -]+(?:<\/code>)?$|^(?:\[options\]|help \[command\])/,
  /^drawbridge event send --title /,
  // What a server, or who checks one, is told.
  /^(?:application|Mozilla)\/|^Bearer made-up$|^Drawbridge check$/,
  // Read by assistants: why arguments do not fit, and that a value is an old one.
  /^must (?:look like owner|be the name of an npm)|^Last known, from $|^DEMO: /,
  // What databases and services are asked, and currencies.
  /^(?:SELECT|DELETE FROM|INSERT OR|FROM|GROUP BY) |^[A-Z]{3}(?: [A-Z]{3})+$/,
  // What a browser is told, not a person.
  /'(?:none|self)'|; charset=|^private, max-age|^Not (?:found|allowed)$/,
  /^\[(?:role|aria-invalid)=|^fieldset, section$|^input:not\(|\bpx\b|^\(prefers-|\dpx\b/,
  // Names in protocols, of headers, of classes, of columns.
  /^; (?:HttpOnly|Path=)|^text\/html|^query parser$|^Bearer(?: realm=|$)|^Accept$/,
  /^(?:Client|Grant|Interaction|Prompt|Resource|Tool)$|^[a-z_]+(?:, [a-z_]+){4,}$|^\(\?\d+ IS NULL OR /,
  /^drawbridge vault check$|^Unexpected end of JSON input$/,
]

const sources = ['renderer', 'electron', 'src']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((name) => !/[/\\](?:testing|fixture)/.test(name)),
  )
  .map((name) => ({ name, ...readSource(readFileSync(join(root, name), 'utf8'), name) }))

function roomsOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
}

type Loose = Pick<(typeof sources)[number], 'name' | 'loose'>
const isTheirs = (name: string, of: string | undefined) =>
  READ_BY_OTHERS.some(
    ([path, , only]) =>
      name.startsWith(path) && (only === undefined || (of !== undefined && only.includes(of))),
  )
/** What is said by a file itself and not by code. */
const unsaid = ({ name, loose }: Loose): string[] =>
  loose
    .filter(({ text, of }) => !isTheirs(name, of) && !ALLOWED.some((one) => one.test(text)))
    .map(({ text, line }) => `${name}:${line} ${text}`)

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
    const own = sources.filter(({ name }) => name.startsWith(`${folder}/`))
    expect(own).not.toEqual([])
    expect(own.flatMap(unsaid)).toEqual([])
  })

  it('that others read than the user still stand where the list of them says', () => {
    const idle = READ_BY_OTHERS.filter(
      ([path]) => !sources.some(({ name, loose }) => name.startsWith(path) && loose.length > 0),
    )
    expect(idle).toEqual([])
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

  it('sees what people are told in any room, and only there', () => {
    const toy = (name: string, source: string) => unsaid({ name, loose: found(source).loose })
    expect(
      toy(
        'src/approvals/toy.ts',
        'new HostError({ code: "a", told: { message: "gone", hint: "Look again." } })',
      ),
    ).toEqual(['src/approvals/toy.ts:1 gone', 'src/approvals/toy.ts:1 Look again.'])
    expect(
      toy('src/host/toy.ts', 'notices.add("warning", { message: "stopped", hint: say("a.b") })'),
    ).toEqual(['src/host/toy.ts:1 stopped'])
    expect(toy('src/contract/toy.ts', 'z.string().min(1, "A word is needed.")')).toHaveLength(1)
    expect(toy('src/kernel/toy.ts', 'process.stderr.write("All is lost.")')).toHaveLength(1)
    expect(
      toy('src/control/rest/rest-routes.ts', 'a = { hint: "Look again.", summary: "What is there" }'),
    ).toEqual(['src/control/rest/rest-routes.ts:1 Look again.'])
    expect(toy('src/gateway/calls/toy.ts', 'a = { message: "Nothing has been done." }')).toEqual([])
  })

  it('leaves alone what the log, the database, programmers and clients read', () => {
    expect(loose('log.warn("a.went-wrong", { why: "it fell over" })')).toEqual([])
    expect(
      loose(
        'new HostError({ code: "a-b", detail: "it fell " + over + " once again", cause: "of the wind" })',
      ),
    ).toEqual([])
    expect(
      loose(
        'throw new TypeError("there is no such " + thing); new ProtocolError(-1, "not that " + way + " round, please")',
      ),
    ).toEqual([])
    expect(loose('db.prepare("SELECT a FROM b WHERE c = ?"); db.exec("BEGIN IMMEDIATE")')).toEqual([])
    expect(loose('a.error("It fell over."); a("Begin again now.")')).toEqual([
      'It fell over.',
      'Begin again now.',
    ])
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
  it('begins with a capital where another begins with it, and stays as it is within', () => {
    const host = new Sentence('part.thePageToSignIn', undefined)
    const why = new Sentence('error.way-refused.message', { host })
    expect(sayInEnglish(why)).toBe('The page to sign in cannot be reached: no program answers there.')
    const whole = new Sentence('error.sign-in-unreachable-way.message', { name: 'A', why })
    expect(sayInEnglish(whole)).toContain('“A” cannot be reached. The page to sign in cannot')
    const inside = new Sentence('error.way-proxy-refused.message', { host, proxy: 'a', status: '1' })
    expect(sayInEnglish(inside)).toContain(' the page to sign in')
    // In whichever sentence one is put first: a name stays the name it is.
    for (const code of Object.keys(en) as Code[]) {
      const first = /^\{(\w+)\} [^{}<>']*\.$/.exec(en[code])?.[1]
      if (first === undefined) continue
      expect(sayInEnglish(new Sentence(code, { [first]: host })), code).toMatch(/^The page to sign in /)
      expect(sayInEnglish(new Sentence(code, { [first]: 'npm' })), code).toMatch(/^npm /)
    }
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
