import { say } from '../../../locales/say.ts'
import { awaySentence } from '../../../src/contract/agreed/words/away.ts'
import { useCall } from '../../pipe/host.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { Note } from '../../ui/problem.tsx'

/** The last ones are what somebody asks about who misses a call. */
const SHOWN = 3

/** When assistants could not reach this computer, of the last day; nothing where they always could. */
export function AwayNote() {
  const { away = [], awake } = useCall('status.get', undefined).data ?? {}
  const now = useNow(60_000)
  if (away.length === 0) return null
  const left = away.length - SHOWN
  const spells = away.slice(-SHOWN).map((spell) => awaySentence(spell, now))
  const asleep = away.some(({ why }) => why === 'asleep') && awake === 'off'
  return (
    <Note
      message={[...(left > 0 ? [say('away.more', { count: left })] : []), ...spells].join(' ')}
      hint={asleep ? `${say('away.meant')} ${say('away.stayAwake')}` : say('away.meant')}
    />
  )
}
