import { basename } from 'node:path'
import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { Notice } from '../../contract/status.ts'
import { newId } from '../../kernel/ids.ts'
import type { Settings } from '../../storage/settings.ts'

type Words = Pick<Notice, 'message' | 'hint'>

const setting = 'host.notices'
/** However much a program does in one go, what it did first stays to be read. */
const mostKept = 30

/** What the user should read once after this start; what is `keep`t, once at all. */
export function createNotices(databaseSetAside: string | null, settings: Settings) {
  let kept: Notice[] = settings.get(setting, z.array(Notice)) ?? []
  let notices: Notice[] = []
  let more = 0
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
    /** Stays over restarts until it is dismissed. The last of very many stands for the rest. */
    keep(words: Words): Notice {
      const isFull = kept.length >= mostKept
      more = isFull ? more + 1 : 0
      const notice: Notice = {
        id: newId('notice'),
        level: 'warning',
        message: isFull
          ? say('notice.andMore', { message: words.message.replace(/\.$/, ''), count: more })
          : words.message,
        hint: words.hint,
      }
      kept = [...(isFull ? kept.slice(0, mostKept - 1) : kept), notice]
      store()
      return notice
    },
    list: (): Notice[] => [...notices, ...kept],
    dismiss(id: string): void {
      notices = notices.filter((notice) => notice.id !== id)
      if (!kept.some((notice) => notice.id === id)) return
      kept = kept.filter((notice) => notice.id !== id)
      store()
    },
  }
}
