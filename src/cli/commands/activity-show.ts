import { say } from '../../../locales/say.ts'
import type { Call, CallDetails, CallRule } from '../../contract/activity.ts'
import { callDecision, callOutcome, tookInAll } from '../../contract/agreed/call-outcome.ts'
import { shownJson, visibleLine, visibleText } from '../../contract/agreed/visible-text.ts'
import { findingWords } from '../../contract/agreed/words/difference.ts'
import type { Context } from '../context.ts'
import { facts, when } from '../table.ts'

/** One call in full, as its page has it. */
export async function showCall(context: Context, _options: unknown, id: string): Promise<void> {
  const call = await context.host.call('activity.get', { id })
  context.answer(call, [
    ...facts(factsOf(call)),
    ...block(say('activity.callDetail.whatItWasGiven'), call.arguments, 'nothingWasHandedOver'),
    ...(call.found?.length
      ? [
          '',
          say('activity.callDetail.whatWasFound'),
          ...call.found.map((one) => `  ${visibleLine(findingWords(one))}`),
        ]
      : []),
    ...block(say('activity.callDetail.whatCameBack'), call.result ?? '', 'nothingCameBack'),
  ])
}

function factsOf(call: CallDetails): [string, string | null][] {
  const { duration, rule, at } = call
  return [
    [say('cli.activity.id'), call.id],
    [say('cli.heading.what'), call.tool],
    [say('activity.callDetail.outcome'), callOutcome(call)],
    [say('cli.activity.error'), call.error],
    [say('activity.callDetail.decision'), callDecision(call)],
    [say('activity.rule.title'), rule && ruleWords(rule)],
    [say('activity.callDetail.who'), call.clientName],
    [say('activity.callDetail.from'), call.source],
    [say('activity.callDetail.kind'), say(`risk.${call.risk}.label`)],
    [say('activity.callDetail.when'), when(at)],
    [say('cli.activity.ended'), duration === null ? null : when(at + duration)],
    [
      say('activity.callDetail.took'),
      duration === null
        ? say('activity.callDetail.stillRunning')
        : tookInAll(call, `${Math.round(duration)} ms`),
    ],
    [say('cli.activity.chain'), call.link ?? say('cli.activity.notInChain')],
  ]
}

/** As it was then: what holds now is in `rules list`. */
function ruleWords({
  id,
  effect,
  isExact,
  inChat,
  since,
  until,
  waivesTaint,
  clientName,
  tool,
}: CallRule): string {
  const kind = effect === 'never' ? 'never' : isExact ? 'exactly' : inChat ? 'inChat' : 'anything'
  return [
    say(`activity.rule.${kind}`, { name: clientName, tool }),
    until === null
      ? say('activity.rule.since', { since: when(since) })
      : say('activity.rule.sinceUntil', { since: when(since), until: when(until) }),
    ...(waivesTaint ? [say('activity.rule.waives')] : []),
    `(${id})`,
  ].join(' ')
}

/** Stored JSON is compact, and cut where it was too long: then it is shown as it is. */
function block(
  title: string,
  text: NonNullable<Call['result']>,
  none: 'nothingWasHandedOver' | 'nothingCameBack',
): string[] {
  if (text.trim() === '' || text === '{}') return ['', say(`activity.callDetail.${none}`)]
  return [
    '',
    title,
    ...shown(text)
      .split('\n')
      .map((line) => `  ${line}`),
  ]
}

function shown(text: string): string {
  try {
    return shownJson(JSON.parse(text))
  } catch {
    return visibleText(text)
  }
}
