import { basename } from 'node:path'
import type { Notice } from '../contract/models.ts'
import { newId } from '../kernel/ids.ts'

type Words = Pick<Notice, 'message' | 'hint'>

/** What the user should read once after this start. */
export function createNotices(databaseSetAside: string | null) {
  let notices: Notice[] = []
  const add = (level: Notice['level'], words: Words) => {
    notices = [...notices, { id: newId('notice'), level, ...words }]
  }
  if (databaseSetAside !== null) {
    add('warning', {
      message: 'The database was damaged, so Drawbridge began a new one.',
      hint: `The damaged file is kept as ${basename(databaseSetAside)} in the data folder. Assistants must be connected again and servers added again.`,
    })
  }
  return {
    add,
    list: (): Notice[] => notices,
    dismiss(id: string): void {
      notices = notices.filter((notice) => notice.id !== id)
    },
  }
}
