import { basename } from 'node:path'
import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { Notice } from '../../contract/status.ts'
import { newId } from '../../kernel/ids.ts'
import type { Settings } from '../../storage/settings.ts'

type Words = Pick<Notice, 'message' | 'hint'>

const setting = 'host.notices'
/** However much a program does in one go, what it did first stays to be read; and what comes after these, by its kind. */
const mostKept = 29

/** `kind`: of what was done; `more`: it stands for so many others of its kind, too; absent: for itself alone. */
const Kept = Notice.extend({ kind: z.string().default(''), more: z.number().optional() })
type Kept = z.infer<typeof Kept>

/** What the user should read once after this start; what is `keep`t, once at all. */
export function createNotices(databaseSetAside: string | null, settings: Settings) {
  let kept: Kept[] = settings.get(setting, z.array(Kept)) ?? []
  let notices: Notice[] = []
  const add = (level: Notice['level'], words: Words): Notice => {
    const notice = { id: newId('notice'), level, ...words }
    notices = [...notices, notice]
    return notice
  }
  const store = () => settings.set(setting, kept)
  if (databaseSetAside !== null) {
    add('warning', {
      message: say('notice.database-damaged.message'),
      hint: say('notice.database-damaged.hint', { file: basename(databaseSetAside) }),
    })
  }
  return {
    add,
    /** Stays over restarts until it is dismissed. Of very many the last of each kind stands for the rest: none pushes out another kind. */
    keep(words: Words, kind = ''): Notice {
      const isFull = kept.filter(({ more }) => more === undefined).length >= mostKept
      const before = kept.find((one) => one.kind === kind && one.more !== undefined)
      const more = before ? before.more! + 1 : 0
      const message =
        isFull && more > 0
          ? say('notice.andMore', { message: words.message.replace(/\.$/, ''), count: more })
          : words.message
      const notice: Notice = { id: newId('notice'), level: 'warning', message, hint: words.hint }
      kept = isFull
        ? [...kept.filter((one) => one !== before), { ...notice, kind, more }]
        : [...kept, { ...notice, kind }]
      store()
      return notice
    },
    list: (): Notice[] => [...notices, ...kept.map(({ kind: _kind, more: _more, ...notice }) => notice)],
    dismiss(id: string): void {
      notices = notices.filter((notice) => notice.id !== id)
      if (!kept.some((notice) => notice.id === id)) return
      kept = kept.filter((notice) => notice.id !== id)
      store()
    },
  }
}
