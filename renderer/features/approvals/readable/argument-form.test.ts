import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostileArguments } from '../../../../e2e/attacks/hostile-arguments.ts'
import { shownJson } from '../../../../src/contract/agreed/visible-text.ts'
import { type ArgumentForm, argumentForm } from './argument-form.ts'

const formOf = (value: unknown) => argumentForm(shownJson(value))

/** Every text that it shows, and what it leaves as names and values. */
function contentsOf({ lines, texts, changes, rest }: ArgumentForm) {
  return {
    shown: [
      ...lines.flatMap(({ values }) => values),
      ...texts.map(({ text }) => text),
      ...changes.flatMap((one) => [one.before, one.after]),
    ].sort(),
    rest: rest === null ? {} : JSON.parse(rest),
  }
}

describe('arguments as what they are', () => {
  it('a mail has who gets it, its subject and its text', () => {
    const mail = { to: ['a@b.c', 'd@e.f'], cc: 'g@h.i', subject: 'Hello', body: 'One\ntwo', urgent: true }
    expect(formOf(mail)).toEqual({
      kind: 'mail',
      lines: [
        { field: 'to', values: ['a@b.c', 'd@e.f'] },
        { field: 'cc', values: ['g@h.i'] },
        { field: 'subject', values: ['Hello'] },
      ],
      texts: [{ field: 'text', text: 'One\ntwo' }],
      changes: [],
      rest: '{\n  "urgent": true\n}',
    })
  })

  it.each([
    ['a file', { path: '/a', content: 'x\n' }, 'file'],
    ['a file, by other names', { file_path: '/a', fileText: 'x', overwrite: true }, 'file'],
    ['a change', { path: '/a', old_string: 'x', new_string: '' }, 'edit'],
    ['changes', { path: '/a', edits: [{ oldText: 'x', newText: 'y' }], dryRun: false }, 'edit'],
  ])('%s', (_name, value, kind) => expect(formOf(value)?.kind).toBe(kind))

  it.each([
    ['no arguments', {}],
    ['no object', ['to', 'subject']],
    ['a mail for nobody', { subject: 'Hello', body: 'x' }],
    ['a mail for an empty list', { to: [], subject: 'Hello', body: 'x' }],
    ['a mail for more than texts', { to: [{ email: 'a@b.c' }], subject: 'Hello', body: 'x' }],
    ['two names for who gets it', { to: 'a@b.c', recipients: 'd@e.f', subject: 'Hello', body: 'x' }],
    ['two names for the text', { to: 'a@b.c', subject: 'Hello', body: 'x', text: 'y' }],
    ['letters that look like others', { 't\u043e': 'a@b.c', subject: 'Hello', body: 'x' }],
    ['letters that nobody sees', { 'to\u200b': 'a@b.c', subject: 'Hello', body: 'x' }],
    ['a file of more than text', { path: '/a', content: { x: 1 } }],
    ['a place without contents', { path: '/a' }],
    ['contents and a change', { path: '/a', content: 'x', old_str: 'a', new_str: 'b' }],
    ['half a change', { path: '/a', old_str: 'a' }],
    ['a list of changes and one', { path: '/a', old_str: 'a', edits: [{ old: 'x', new: 'y' }] }],
    ['a change with something else in it', { path: '/a', edits: [{ old: 'x', new: 'y', at: 1 }] }],
    ['half a change in a list', { path: '/a', edits: [{ old: 'x', new: 'y' }, { old: 'x' }] }],
  ])('%s: names and values like any other', (_name, value) => expect(formOf(value)).toBeNull())

  it('takes the text beside a path for what goes into the file, and beside a file for what it is', () => {
    expect(formOf({ path: 'a.md', text: 'One\ntwo' })).toMatchObject({
      kind: 'file',
      texts: [{ field: 'contents', text: 'One\ntwo' }],
    })
    expect(formOf({ file: 'a.pdf', text: 'Look at this' })).toBeNull()
    expect(formOf({ path: 'a', text: 'x', content: 'y' })).toBeNull()
  })

  it('keeps numbers that no program can hold as they are written', () => {
    const text = '{\n  "path": "/a",\n  "size": 12345678901234567890,\n  "content": "x"\n}'
    expect(argumentForm(text)?.rest).toBe('{\n  "size": 12345678901234567890\n}')
  })

  it('leaves nothing out and says nothing twice, whatever is handed over', () => {
    const names = [
      'to',
      'To',
      'cc',
      'bcc',
      'subject',
      'body',
      'html',
      'path',
      'content',
      'text',
      'old',
      'new',
      'edits',
    ]
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ',', '}\n', '  "x": "y",', '\\"'),
    )
    const change = fc.record({ old: text, new: text }, { requiredKeys: ['old'] })
    const value = fc.oneof(text, fc.array(text), fc.array(change), fc.jsonValue())
    const some = fc.dictionary(fc.oneof(fc.constantFrom(...names, '__proto__'), text), value, { maxKeys: 8 })
    const likely = fc.tuple(
      fc.constantFrom(
        { to: 'a', subject: 'b' },
        { path: 'a', content: 'b' },
        { path: 'a', old: 'b', new: '' },
      ),
      some,
    )
    let forms = 0
    fc.assert(
      fc.property(fc.oneof(some, likely), (drawn) => {
        const given = Array.isArray(drawn) ? { ...drawn[1], ...drawn[0] } : drawn
        const form = formOf(given)
        if (form === null) return
        forms += 1
        const { shown, rest } = contentsOf(form)
        const covered = Object.entries(given).filter(([name]) => !Object.hasOwn(rest, name))
        const texts = covered.flatMap(([, one]) =>
          [one].flat().flatMap((each) => (typeof each === 'string' ? each : Object.values(each as object))),
        )
        expect(shown).toEqual(texts.sort())
        for (const name of Object.keys(rest))
          expect(JSON.stringify(rest[name])).toBe(JSON.stringify((given as Record<string, unknown>)[name]))
      }),
      { numRuns: 1_000 },
    )
    expect(forms).toBeGreaterThan(100)
  })

  it('says of five hundred hostile arguments what they are, or nothing', () => {
    for (const { name, json } of hostileArguments(11)) {
      const given = JSON.parse(JSON.stringify(JSON.parse(json)))
      if (json.length > 20_000) continue
      const form = formOf(given)
      if (form === null) continue
      const { shown, rest } = contentsOf(form)
      const all = JSON.stringify(given)
      for (const text of shown) expect(all, name).toContain(JSON.stringify(text))
      for (const key of Object.keys(rest)) expect(rest[key], name).toEqual(given[key])
    }
  })
})
