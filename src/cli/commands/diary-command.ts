import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import type { DiaryDay } from '../../contract/activity.ts'
import { dayWords, diarySentences, weeksOf, weekWords } from '../../contract/agreed/diary-words.ts'
import type { Act, Context } from '../context.ts'
import { momentOf } from '../dates.ts'
import { grantIdOf } from './activity-commands.ts'

interface DiaryOptions {
  /** Its beginning. */
  day?: number
  week?: boolean
  assistant?: string
}

/** What assistants did, in sentences. */
export function addDiaryCommand(program: Command, act: Act): void {
  act(
    program
      .command('diary')
      .description(say('cli.diary.help'))
      .option('--day <date>', say('cli.diary.option.day'), (value) =>
        new Date(momentOf(value, 'begins')).setHours(0, 0, 0, 0),
      )
      .option('--week', say('cli.diary.option.week'))
      .option('--assistant <name>', say('cli.activity.option.assistant')),
    tell,
  )
}

async function tell(context: Context, { day, week = false, assistant }: DiaryOptions): Promise<void> {
  const now = Date.now()
  const since = new Date(day ?? now)
  if (week) since.setDate(since.getDate() - ((since.getDay() + 6) % 7))
  const until = new Date(since)
  until.setDate(until.getDate() + (week ? 6 : 0))
  const period = { since: since.getTime(), until: until.getTime() }
  const days = await context.host.call('activity.diary', period)
  const grantId = assistant === undefined ? undefined : await grantIdOf(context, assistant)
  const told = (week ? weeksOf(days) : days)
    .map((one) => ({
      ...one,
      entries: one.entries.filter((entry) => grantId === undefined || entry.grantId === grantId),
    }))
    .filter(({ entries }) => entries.length > 0)
  const lines = told.flatMap((one) => linesOf(one, week, now))
  context.answer(told, lines.length === 0 ? [say(week ? 'cli.diary.noneWeek' : 'cli.diary.none')] : lines)
}

const linesOf = ({ day, entries }: DiaryDay, week: boolean, now: number): string[] => [
  week ? weekWords(day) : dayWords(day, now),
  ...entries.flatMap((entry) => {
    const { looked, changed, changes, rest } = diarySentences(entry, week)
    return [
      '',
      ...[looked, changed].filter((sentence) => sentence !== null),
      ...changes.map(({ id, text }) => `  ${text}  (${id})`),
      ...rest,
    ]
  }),
]
