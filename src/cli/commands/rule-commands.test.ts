import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Approval, ApprovalDetails } from '../../contract/approvals.ts'
import { Rule } from '../../contract/rules.ts'
import { sampleOf } from '../../contract/testing/sample.ts'
import { json, startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

const rule = (id: string, more: Partial<Rule> = {}): Rule =>
  sampleOf(Rule, { id, grantId: 'g1', clientName: 'ChatGPT', tool: 'mail__send', state: 'active', ...more })
const asked = (more: Partial<ApprovalDetails> = {}): ApprovalDetails =>
  sampleOf(ApprovalDetails, {
    ...{ id: 'appr_bbb222', tool: 'mail__send', arguments: '{}', seen: 'seen', why: 'access' },
    ...{ choices: ['once', '15m', 'exact', 'tool', 'never'], expiresAt: 1_800_000_000_000 },
    ...more,
  })

describe('an answer that holds for longer', () => {
  it.each([
    ['15m', 'for 15 minutes'],
    ['exact', 'with exactly these arguments'],
    ['tool', 'from now on'],
  ])('--for %s', async (choice, words) => {
    h.state.approvals = [asked()]
    const ran = await h.drawbridge('approve', 'appr_bbb222', '--for', choice, '--yes')
    expect(ran.code).toBe(0)
    expect(ran.out).toContain(`mail__send may run ${choice === '15m' ? words : 'from now on'}`)
    expect(ran.out).toContain(words)
    expect(h.last('approvals.decide')).toEqual({ id: 'appr_bbb222', decision: choice, seen: 'seen' })
  })

  it('is asked about as what it is, and refused where it is not offered', async () => {
    h.state.approvals = [asked({ choices: ['once', '15m'] })]
    h.answers.push(true)
    await h.drawbridge('approve', 'appr_bbb222', '--for', '15m')
    expect(h.questions.at(-1)).toContain('Allow for 15 minutes, with whatever arguments?')
    h.state.approvals = [asked({ choices: ['once', '15m'] })]
    const refused = await h.drawbridge('approve', 'appr_bbb222', '--for', 'chat', '--yes')
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('cannot be allowed in this chat')
    expect(refused.err).toContain('--for 15m')
    expect(h.state.approvals).toHaveLength(1)
    expect((await h.drawbridge('approve', 'appr_bbb222', '--for', 'years', '--yes')).code).toBe(2)
  })

  it('is never as well', async () => {
    h.state.approvals = [asked()]
    expect((await h.drawbridge('deny', 'appr_bbb222', '--never')).out).toContain('every other of it')
    expect(h.last('approvals.decide')).toEqual({ id: 'appr_bbb222', decision: 'never' })
  })

  it('says why it is asked, and what a tool of ours does', async () => {
    h.state.approvals = [asked({ why: 'taint', sentence: 'Sends “hello” to “ada”.' })]
    const { out } = await h.drawbridge('requests', '--full')
    expect(out).toMatch(/Asked because +something untrusted was read before/)
    expect(out).toMatch(/Does +Sends “hello” to “ada”\./)
    expect(Approval.parse(h.state.approvals[0])).not.toHaveProperty('seen')
  })
})

describe('rules', () => {
  it('are listed as they stand', async () => {
    expect((await h.drawbridge('rules', 'list')).out).toContain('No rules.')
    h.state.rules = [
      rule('rule_aaa111', { uses: 3, lastUsedAt: 1_700_000_000_000 }),
      rule('rule_bbb222', { effect: 'never' }),
      rule('rule_ccc333', {
        ...{ state: 'asleep', sleeps: { since: 1_700_000_000_000, why: 'tool-changed' } },
        exactly: 'mail__send {"to":"ada"}',
      }),
    ]
    const { out } = await h.drawbridge('rules', 'list')
    expect(out).toMatch(
      /rule_aaa111 +allow +ChatGPT +mail__send +whatever the arguments +for ever +3 .* holds/,
    )
    expect(out).toMatch(/rule_bbb222 +never/)
    expect(out).toMatch(
      /rule_ccc333 .*\{"to":"ada"\} +exactly this .*sleeps since .*, because the tool changed/,
    )
    expect(json(await h.drawbridge('rules', 'list', '--json'))).toEqual(h.state.rules)
  })

  it('are revoked one by one, and all of one client', async () => {
    h.state.rules = [rule('rule_aaa111'), rule('rule_bbb222')]
    expect((await h.drawbridge('rules', 'revoke', 'rule_a')).out).toContain('has to ask for mail__send again')
    expect(h.state.rules.map(({ id }) => id)).toEqual(['rule_bbb222'])
    expect((await h.drawbridge('rules', 'revoke', 'rule_zzz')).code).not.toBe(0)
    expect((await h.drawbridge('rules', 'revoke')).code).toBe(2)
    const { grant } = json(await h.drawbridge('key', 'create', '--name', 'mine', '--json')) as {
      grant: { id: string }
    }
    h.state.rules = [rule('rule_aaa111', { grantId: grant.id }), rule('rule_bbb222')]
    expect((await h.drawbridge('rules', 'revoke', '--client', 'mine')).out).toContain('One rule is revoked.')
    expect(h.state.rules.map(({ id }) => id)).toEqual(['rule_bbb222'])
  })

  it('can be changed', async () => {
    h.state.rules = [rule('rule_aaa111')]
    await h.drawbridge('rules', 'change', 'rule_aaa111', '--expires', '2099-01-31')
    expect(h.last('rules.change')).toMatchObject({ until: Date.parse('2099-01-31T23:59:59') })
    const warned = await h.drawbridge('rules', 'change', 'rule_aaa111', '--after-reading', 'allow')
    expect(warned.out).toContain('what was read may then make the assistant use it')
    expect(h.last('rules.change')).toEqual({ id: 'rule_aaa111', waivesTaint: true })
    expect((await h.drawbridge('rules', 'change', 'rule_aaa111')).code).toBe(2)
    expect((await h.drawbridge('rules', 'change', 'rule_aaa111', '--after-reading', 'x')).code).toBe(2)
  })
})
