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

  it('that are new, or say they do less, are shown and accepted as they were shown', async () => {
    const [first, second] = h.state.tools
    const review = (why: 'new' | 'safer') => ({
      why,
      risk: 'write' as const,
      openWorld: true,
      seen: `seen ${why}`,
    })
    Object.assign(first!, { review: review('new'), description: 'Reads\u202e a file' })
    Object.assign(second!, { review: review('safer') })
    const { out } = await h.drawbridge('tool', 'list')
    expect(out).toMatch(/^files__read +My files +read +new, waits$/m)
    expect(out).toMatch(/says it does less: write, uses the internet/)
    expect(out).toContain('2 to look at. `drawbridge tool accept TOOL…` takes them as they are.')
    expect((await h.drawbridge('tool', 'show', 'files__read')).out).toContain('still waits')
    expect((await h.drawbridge('tool', 'accept')).code).toBe(2)
    expect((await h.drawbridge('tool', 'accept', 'files__read', '--server', 'files')).code).toBe(2)
    expect((await h.drawbridge('tool', 'accept', 'files__rea')).code).toBe(4)
    expect(h.last('tools.accept')).toBeUndefined()
    const accepted = await h.drawbridge('tool', 'accept', 'files__read', 'github__read')
    expect(accepted.out).toBe(
      [
        'files__read can be used from now on (write, uses the internet).',
        '  Reads⟨U+202E⟩ a file',
        'github__read is taken at its word from now on (write, uses the internet).',
      ].join('\n'),
    )
    expect(h.last('tools.accept')).toEqual({
      tools: [
        { id: 'files__read', seen: 'seen new' },
        { id: 'github__read', seen: 'seen safer' },
      ],
    })
    expect(await h.drawbridge('tool', 'accept', 'files__read')).toMatchObject({ code: 1 })
    Object.assign(first!, { risk: 'read', review: review('new') })
    await h.drawbridge('server', 'add', 'files', '--', 'some-server')
    const all = json(await h.drawbridge('tool', 'accept', '--server', 'files', '--json'))
    expect(all).toMatchObject([{ id: 'files__read', review: null }])
    expect((await h.drawbridge('tool', 'accept', '--server', 'files')).err).toContain(
      'No tool of files waits',
    )
    for (const one of [first!, second!]) Object.assign(one, { risk: 'read', description: '' })
  })

  it('are shown before they are accepted, where a person can answer', async () => {
    const [first] = h.state.tools
    const review = { why: 'safer' as const, risk: 'read' as const, openWorld: false, seen: 'seen' }
    Object.assign(first!, { risk: 'destructive', review, description: 'Looks only\u202e' })
    const accept = (...more: string[]) => h.drawbridge('tool', 'accept', 'files__read', ...more)
    h.answers.push(false)
    const no = await accept()
    expect(no.err).toBe(
      'files__read says it does less than before (read; it was destructive).\n  Looks only⟨U+202E⟩',
    )
    expect(no).toMatchObject({ code: 5, out: 'Nothing was accepted. They still wait.' })
    expect(h.questions).toEqual(['Take them as they are? [y/N] '])
    expect(h.last('tools.accept')).toBeUndefined()
    h.answers.push(true)
    expect((await accept()).out).toContain('is taken at its word')
    Object.assign(first!, { review })
    h.answers.push(false)
    expect((await accept('--yes')).out).toContain('is taken at its word')
    expect(h.questions).toHaveLength(2)
    Object.assign(first!, { risk: 'read', review: null, description: '' })
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
