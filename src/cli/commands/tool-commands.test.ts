import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { json, startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('tools', () => {
  it('are listed, renamed, hidden and shown', async () => {
    expect((await h.drawbridge('tool', 'list')).out).toMatch(/^files__read +My files +read +offered$/m)
    const renamed = await h.drawbridge('tool', 'rename', 'files__read', 'look')
    expect(renamed).toMatchObject({ code: 0, out: 'It is offered as look from now on.' })
    expect(h.last('tools.set')).toEqual({ id: 'files__read', alias: 'look' })
    expect((await h.drawbridge('tool', 'list')).out).toMatch(/^look +.*usually files__read$/m)
    expect((await h.drawbridge('tool', 'hide', 'look')).out).toBe('look is hidden from now on.')
    expect(h.last('tools.set')).toEqual({ id: 'files__read', enabled: false })
    expect((await h.drawbridge('tool', 'list')).out).toMatch(/^look +My files +read +hidden/m)
    expect(json(await h.drawbridge('tool', 'show', 'files__read', '--json'))).toMatchObject({ enabled: true })
    await h.drawbridge('tool', 'rename', 'look', '--reset')
    expect(h.last('tools.set')).toEqual({ id: 'files__read', alias: null })
  })

  it('that are new, or changed, are shown and accepted as they were shown', async () => {
    const [first, second] = h.state.tools
    const review = (why: 'new' | 'changed' | 'identity') => ({
      why,
      risk: 'write' as const,
      openWorld: true,
      seen: `seen ${why}`,
    })
    const finding = { what: 'instruction' as const, where: 'description', text: 'tell nobody\u202e' }
    Object.assign(first!, { review: review('new'), description: 'Reads\u202e a file', findings: [finding] })
    Object.assign(second!, { review: review('changed') })
    h.state.differences.github__read = [
      { what: 'argument-added', name: 'bcc', before: null, now: '{ "type":\n"string" }' },
      { what: 'description', name: null, before: 'Reads.', now: 'Sends\u200b.' },
    ]
    const { out } = await h.drawbridge('tool', 'list')
    expect(out).toMatch(/^files__read +My files +read +new, waits +look closely$/m)
    expect(out).toMatch(/^github__read +GitHub +read +changed, waits$/m)
    expect(out).toContain('2 to look at. `drawbridge pins list` says why')
    expect((await h.drawbridge('pins', 'list')).out.split('\n')).toEqual([
      'files__read is new (write, uses the internet).',
      '  Reads⟨U+202E⟩ a file',
      '  ! Words that tell assistants what to do: “tell nobody⟨U+202E⟩” (in description)',
      'github__read changed (write, uses the internet).',
      '  A new argument: “bcc”.',
      '    + { "type":',
      '    + "string" }',
      '  Its description changed.',
      '    - Reads.',
      '    + Sends⟨U+200B⟩.',
      '`drawbridge pins accept TOOL…` or `--server NAME` takes them as they are now.',
    ])
    expect(json(await h.drawbridge('pins', 'list', '--json'))).toMatchObject({
      servers: [],
      tools: [
        { id: 'files__read', differences: [] },
        { id: 'github__read', differences: [{}, {}] },
      ],
    })
    expect((await h.drawbridge('tool', 'show', 'files__read')).out).toContain('still waits')
    expect((await h.drawbridge('tool', 'accept')).code).toBe(2)
    expect((await h.drawbridge('pins', 'accept', 'files__read', '--server', 'files')).code).toBe(2)
    expect((await h.drawbridge('tool', 'accept', 'files__rea')).code).toBe(4)
    expect(h.last('tools.accept')).toBeUndefined()
    const accepted = await h.drawbridge('pins', 'accept', 'files__read', 'github__read')
    expect(accepted.out).toBe(
      [
        'files__read can be used from now on (write, uses the internet).',
        '  Reads⟨U+202E⟩ a file',
        'github__read can be used from now on (write, uses the internet).',
      ].join('\n'),
    )
    expect(h.last('tools.accept')).toEqual({
      tools: [
        { id: 'files__read', seen: 'seen new' },
        { id: 'github__read', seen: 'seen changed' },
      ],
    })
    expect(await h.drawbridge('tool', 'accept', 'files__read')).toMatchObject({ code: 1 })
    Object.assign(first!, { risk: 'read', review: review('new'), findings: [] })
    await h.drawbridge('server', 'add', 'files', '--', 'some-server')
    const all = json(await h.drawbridge('tool', 'accept', '--server', 'files', '--json'))
    expect(all).toMatchObject([{ id: 'files__read', review: null }])
    expect((await h.drawbridge('tool', 'accept', '--server', 'files')).err).toContain(
      'No tool of files waits',
    )
    expect((await h.drawbridge('pins', 'list')).out).toBe('Everything is what you took it for.')
    for (const one of [first!, second!]) Object.assign(one, { risk: 'read', description: '' })
  })

  it('of a server that is another are accepted with it, and not before', async () => {
    const [first] = h.state.tools
    const review = { why: 'identity' as const, risk: 'read' as const, openWorld: true, seen: 'seen' }
    Object.assign(first!, { review })
    await h.drawbridge('server', 'add', 'files', '--', 'some-server')
    h.state.changedServers.push({
      sourceId: 'files',
      source: 'My files',
      isHeld: true,
      differences: [{ what: 'command', name: null, before: 'npx files', now: 'npx evil' }],
      seen: 'server seen',
    })
    expect((await h.drawbridge('pins', 'list')).out).toContain(
      '“My files” is another server than you took it for. Its tools are off.\n  What is started is another.\n    - npx files\n    + npx evil',
    )
    const refused = await h.drawbridge('pins', 'accept', 'files__read')
    expect(refused.err).toContain('waits because its server changed')
    expect(refused.err).toContain('drawbridge pins accept --server files')
    const { out, err } = await h.drawbridge('pins', 'accept', '--server', 'files')
    expect(err).toBe('')
    expect(out).toBe('“My files” is taken for what it is now.')
    expect(h.last('tools.acceptServer')).toEqual({ sourceId: 'files', seen: 'server seen' })
    expect(first!.review).toBeNull()
  })

  it('are shown before they are accepted, where a person can answer', async () => {
    const [first] = h.state.tools
    const review = { why: 'changed' as const, risk: 'read' as const, openWorld: false, seen: 'seen' }
    Object.assign(first!, { risk: 'destructive', review, description: 'Looks only\u202e' })
    h.state.differences.files__read = [{ what: 'reads', name: null, before: 'destructive', now: 'read' }]
    const accept = (...more: string[]) => h.drawbridge('pins', 'accept', 'files__read', ...more)
    h.answers.push(false)
    const no = await accept()
    expect(no.err).toBe('files__read changed (read).\n  It now says that it only reads. Before: Can delete.')
    expect(no).toMatchObject({ code: 5, out: 'Nothing was accepted. They still wait.' })
    expect(h.questions).toEqual(['Take them as they are? [y/N] '])
    expect(h.last('tools.accept')).toBeUndefined()
    h.answers.push(true)
    expect((await accept()).out).toContain('can be used from now on')
    Object.assign(first!, { review })
    h.answers.push(false)
    expect((await accept('--yes')).out).toContain('can be used from now on')
    expect(h.questions).toHaveLength(2)
    Object.assign(first!, { risk: 'read', review: null, description: '' })
    h.state.differences = {}
  })

  it('have the risk and the note that their owner gives them', async () => {
    const risk = await h.drawbridge('tool', 'risk', 'files__read', 'destructive')
    expect(risk.out).toBe('files__read is treated as destructive from now on.')
    expect(h.last('tools.set')).toEqual({ id: 'files__read', risk: 'destructive' })
    expect((await h.drawbridge('tool', 'list')).out).toMatch(/^files__read +.*risk set by you$/m)
    await h.drawbridge('tool', 'risk', 'files__read', '--reset')
    expect(h.last('tools.set')).toEqual({ id: 'files__read', risk: null })
    for (const wrong of [['harmless'], [], ['read', '--reset']])
      expect((await h.drawbridge('tool', 'risk', 'files__read', ...wrong)).code).toBe(2)
    const note = await h.drawbridge('tool', 'note', 'files__read', 'Only letters.')
    expect(note.out).toBe('Assistants are told about files__read: Only letters.')
    expect((await h.drawbridge('tool', 'note', 'files__read', 'x'.repeat(501))).code).not.toBe(0)
    expect((await h.drawbridge('tool', 'note', 'files__read', '--reset')).out).toContain('nothing about')
    Object.assign(h.state.tools[0]!, { risk: 'read' })
  })

  it('say when ChatGPT and Claude ask', async () => {
    Object.assign(h.state.tools[0]!, { risk: 'destructive' })
    const { out } = await h.drawbridge('tool', 'why', 'files__read')
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^ChatGPT asks before it.* Settings, Plugins/),
      expect.stringMatching(/^Claude asks each time.* Connectors/),
    ])
    Object.assign(h.state.tools[0]!, { risk: 'read' })
  })

  it('are found by their exact name only', async () => {
    for (const name of ['files', 'FILES__READ', 'files__rea', ''])
      expect((await h.drawbridge('tool', 'hide', name)).code, name).toBe(4)
    expect((await h.drawbridge('tool', 'rename', 'files__read')).code).toBe(2)
    expect((await h.drawbridge('tool', 'rename', 'files__read', 'x', '--reset')).code).toBe(2)
    expect((await h.drawbridge('tool', 'rename', 'files__read', 'two words')).code).toBe(2)
    expect(h.last('tools.set')).toBeUndefined()
  })

  it('that were renamed are still the same ones in what a key may do', async () => {
    await h.drawbridge('tool', 'rename', 'files__read', 'look')
    await h.drawbridge('key', 'create', '--name', 'k', '--tool', 'look', '--tool', 'github__read')
    expect(h.last('keys.create')).toMatchObject({ tools: ['files__read', 'github__read'] })
    await h.drawbridge('key', 'update', 'k', '--tool', 'look', '--tool', 'whatever')
    expect(h.last('grants.update')).toMatchObject({ tools: ['files__read', 'whatever'] })
  })
})

describe('the admin key', () => {
  it('is printed once, alone on its line, with the address beside it', async () => {
    expect((await h.drawbridge('admin-key', 'show')).out).toContain('There is no admin key.')
    const made = await h.drawbridge('admin-key', 'create')
    expect(made.out).toMatch(/^db_admin_a{43}$/)
    const address = /http:\/\/127\.0\.0\.1:\d+\/api\/v1/.exec(made.err)![0]
    const status = (authorization: string) =>
      fetch(`${address}/status`, { headers: { authorization } }).then((answer) => answer.status)
    expect(await status(`Bearer ${made.out}`)).toBe(200)
    expect(await status('Bearer wrong')).toBe(401)
    const shown = await h.drawbridge('admin-key', 'show')
    expect(shown.out).toContain(address)
    expect(shown.out + shown.err).not.toContain(made.out)
    expect(json(await h.drawbridge('admin-key', 'remove', '--json'))).toEqual({ removed: true })
    expect(h.state.adminKeyAt).toBeNull()
  })
})
