import { describe, expect, it } from 'vitest'
import { silentLog as log } from '../../../kernel/log/log.ts'
import type { Target } from '../targets.ts'
import { type Reader, readingOf, Taints } from './taints.ts'

const reader = { key: 'grant_1/session/1', caller: { principal: { grantId: 'grant_1' } } } as Reader
const target = (slug: string, label: string) =>
  ({ label, source: { slug }, arguments: {} }) as unknown as Target
const reading = (slug: string, counts: 'all' | 'others') => readingOf(target(slug, `${slug}__x`), counts)
const mail = target('mail', 'mail__send')

describe('what was read last', () => {
  it.each([
    ['a page, then a receipt from elsewhere', ['all', 'web'], ['others', 'forum'], 'forum__x'],
    ['a receipt, then a page', ['others', 'forum'], ['all', 'web'], 'web__x'],
    ['one receipt, then another', ['others', 'web'], ['others', 'forum'], 'forum__x'],
    ['a page, then a receipt of its own source', ['all', 'web'], ['others', 'mail'], 'web__x'],
  ] as const)('%s', (_name, [firstCounts, first], [secondCounts, second], what) => {
    let now = 1_000
    const taints = new Taints({ clock: { now: () => now }, log }, 60_000)
    taints.note(reader, reading(first, firstCounts))
    now = 2_000
    taints.note(reader, reading(second, secondCounts))
    // A rule that was made between the two was not given for the second.
    expect(taints.of(reader, mail)).toMatchObject({ what, at: second === 'mail' ? 1_000 : 2_000 })
  })

  it('is the later one also where the same source was read before', () => {
    let now = 1_000
    const taints = new Taints({ clock: { now: () => now }, log }, 60_000)
    for (const slug of ['web', 'forum', 'web']) {
      taints.note(reader, reading(slug, 'others'))
      now += 1_000
    }
    expect(taints.of(reader, mail)).toMatchObject({ what: 'web__x', at: 3_000 })
    now = 61_500
    expect(taints.of(reader, mail)).toMatchObject({ at: 3_000 })
    now = 63_000
    expect(taints.of(reader, mail)).toBeNull()
  })

  it('is the later one also where the clock was set back in between', () => {
    let now = 60_000
    const taints = new Taints({ clock: { now: () => now }, log }, 60_000)
    taints.note(reader, reading('web', 'all'))
    now = 1_000
    taints.note(reader, reading('forum', 'others'))
    expect(taints.of(reader, mail)).toMatchObject({ what: 'forum__x', at: 1_000 })
  })
})
