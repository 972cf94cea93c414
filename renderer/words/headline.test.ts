import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/access.ts'
import type { Need } from '../../src/contract/agreed/needs.ts'
import { BridgeState } from '../../src/contract/status.ts'
import { grantsTitle, headline } from './headline.ts'

const kinds = ['connection', 'call', 'draft', 'address', 'moved', 'sign-in', 'server', 'notice'] as const
const need = (kind: Need['kind']): Need => ({ kind, id: kind, title: kind, text: '', until: null })
const somebody = [{ lastOrigin: null }] as Grant[]

describe.each(BridgeState.options)('headline, %s', (state) => {
  it.each([[], ...kinds.map((kind) => [kind]), [...kinds]].map((one) => [one]))('%j', (some) => {
    const needs = some.map(need)
    const { tone, lead } = headline({ state }, needs, somebody)
    expect(tone === 'ok').toBe(state === 'open' && needs.length === 0)
    const counted = some.filter((one) => one !== 'address').length
    if (counted === 0) expect(lead).not.toMatch(/needs? you/)
    else expect(lead).toContain(counted === 1 ? 'One thing needs you.' : `${counted} things need you.`)
  })

  it('says of nobody that they are connected unless they can be', () => {
    expect(/connected/.test(grantsTitle(state))).toBe(state === 'open')
  })
})

it('does not say that assistants reach you when they do not know where, or nobody may', () => {
  expect(headline({ state: 'open' }, [need('moved')], somebody).lead).toMatch(/that know your new address/)
  expect(headline({ state: 'open' }, [], []).lead).toMatch(/not let anybody in yet/)
  expect(headline({ state: 'open' }, [], somebody).lead).toBe('Assistants you allowed can reach you.')
})

it('tells who has let nobody in how to begin', () => {
  expect(headline({ state: 'local' }, [], []).lead).toMatch(/Connect an assistant below/)
  expect(headline({ state: 'local' }, [], somebody).lead).toMatch(/Programs on this computer can use/)
})
